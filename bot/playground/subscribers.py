"""What becomes of subscriptions: renewed when they are due, cancelled, taken back, failed and paid late."""

from bot.playground.bank import PERIOD_SECONDS, Charge, Invoice, State, Subscription
from bot.playground.buyers import Buyers
from bot.playground.errors import PlayError
from bot.playground.faults import RENEWAL_KINDS


class Subscribers(Buyers):
    """The users' side of subscriptions, and Telegram's hand that renews them."""

    def begin_subscription(self, charge: Charge, period_seconds: int) -> None:
        """Let a payment be the first of many."""
        charge.subscription_id, charge.until = charge.id, charge.at + period_seconds
        self.bank.subscriptions[charge.id] = Subscription(
            id=charge.id,
            user_id=charge.user_id,
            title=charge.title,
            payload=charge.payload,
            stars=charge.stars,
            until=charge.until,
            due_at=charge.until,
        )
        self.bank.keep()

    def catch_up(self) -> None:
        """Do what time has brought: renew what is due, one after another, and deliver what comes late."""
        while (due := self._next_due()) is not None:
            self._renew_due(due)
        self.courier.release()

    def _next_due(self) -> Subscription | None:
        known = (one for one in self.bank.subscriptions.values() if one.user_id in self.users)
        going = (one for one in known if one.state is State.ACTIVE)
        first = min(going, key=lambda one: one.due_at, default=None)
        return first if first is not None and first.due_at <= self.time() else None

    def _renew_due(self, due: Subscription) -> None:
        fault = self.faults.take_of(RENEWAL_KINDS, "renewal", due.user_id)
        if fault is not None and fault.kind == "renewal_late":
            due.due_at += fault.seconds
            self.bank.keep()
        elif fault is not None or self._renew(due, int(due.due_at)) is None:
            self._change(due, State.FAILED)

    def renew(self, subscription: Subscription | str) -> Charge:
        """Let a subscription be paid now, before it is due or after it has failed.

        Raises:
            PlayError: there is none, it is cancelled, or the purse doesn't hold as many Stars.
        """
        found = self.subscription(subscription)
        if found.state is State.CANCELED:
            raise PlayError("the subscription is cancelled")
        charge = self._renew(found, int(self.time()))
        if charge is None:
            raise PlayError("the purse doesn't hold as many Stars")
        return charge

    def _renew(self, subscription: Subscription, at: int) -> Charge | None:
        invoice = Invoice(
            title=subscription.title,
            description="",
            payload=subscription.payload,
            stars=subscription.stars,
            period_seconds=PERIOD_SECONDS,
        )
        charge = self.bank.take(subscription.user_id, invoice, at)
        if charge is None:
            return None
        subscription.until = max(subscription.until, at) + PERIOD_SECONDS
        subscription.due_at = subscription.until
        charge.subscription_id, charge.until = subscription.id, subscription.until
        subscription.state = State.ACTIVE
        self.bank.keep()
        self.tell_payment(self.user(subscription.user_id), charge.paid_content(), at=at)
        return charge

    def cancel(self, subscription: Subscription | str) -> None:
        """Let a user cancel a subscription; it lasts to the end of its period.

        Raises:
            PlayError: there is none, or it doesn't go on anyway.
        """
        found = self.subscription(subscription)
        if found.state is not State.ACTIVE:
            raise PlayError("the subscription doesn't go on anyway")
        self._change(found, State.CANCELED)

    def resume(self, subscription: Subscription | str) -> None:
        """Let a user take the cancelling back.

        Raises:
            PlayError: there is none, it isn't cancelled, it has ended, or the bot has cancelled it.
        """
        found = self.subscription(subscription)
        if found.state is not State.CANCELED or found.until <= self.time():
            raise PlayError("there is nothing to take back")
        if found.is_barred:
            raise PlayError("the bot has cancelled the subscription")
        self._change(found, State.ACTIVE)

    def subscription(self, subscription: Subscription | str) -> Subscription:
        """Return a subscription by its id.

        Raises:
            PlayError: there is none.
        """
        if isinstance(subscription, Subscription):
            return subscription
        if subscription not in self.bank.subscriptions:
            raise PlayError("no such subscription", 404)
        return self.bank.subscriptions[subscription]

    def _change(self, subscription: Subscription, state: State) -> None:
        subscription.state = state
        self.bank.keep()
        self.tell_subscription(self.user(subscription.user_id), subscription.payload, state)
