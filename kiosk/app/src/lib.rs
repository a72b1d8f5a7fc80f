//! The kiosk program: the loop, one function per effect, outbox, cloud client, settings.
