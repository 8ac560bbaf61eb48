# syntax=docker/dockerfile:1
# Two stages: the first installs what uv.lock names, the second holds only that and the code.

FROM python:3.11-slim AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/app/.venv
RUN pip install --no-cache-dir "uv>=0.8"
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev --extra postgres --extra llm

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin potluck \
    && install --directory --owner potluck --group potluck /data
WORKDIR /app
COPY --from=build /app/.venv /app/.venv
COPY bot.py ./
COPY bot bot
COPY handlers handlers
COPY services services
COPY db db
COPY migrations migrations
RUN .venv/bin/python -m compileall -q bot handlers services db migrations

# Inside a container, health and metrics must be reachable from outside it: publish the port with care.
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DATABASE_URL=sqlite:////data/potluck.db \
    HTTP_LISTEN=0.0.0.0:8080
USER potluck
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=15s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; port = os.environ['HTTP_LISTEN'].rpartition(':')[2]; urllib.request.urlopen(f'http://127.0.0.1:{port}/readyz', timeout=4)"]
CMD ["python", "bot.py", "run"]
