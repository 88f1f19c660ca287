"""The app in a browser: textual-serve behind a token, on this machine alone.

`guard` decides who gets in, `server` serves the page and starts an app for each one that is open, `service` owns that
app's process, `child` and `web_driver` are what runs in it.
"""
