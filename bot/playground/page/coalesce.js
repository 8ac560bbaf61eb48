/** Joins requests for the same work, so that answers never overtake each other. */

/**
 * Return a function that runs `work`, one run at a time: calls during a run are joined into one run after it.
 * Its promise ends when no run is left to do; errors go to `failed`.
 */
export function coalesced(work, failed) {
  let running = null;
  let again = false;
  const untilQuiet = async () => {
    try {
      do {
        again = false;
        await work().catch(failed);
      } while (again);
    } finally {
      running = null;
    }
  };
  return () => {
    if (running) again = true;
    else running = untilQuiet();
    return running;
  };
}
