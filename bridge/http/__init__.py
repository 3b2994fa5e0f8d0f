"""The page's server: HTTP, WebSockets and OSCQuery, in the daemon's process and event loop."""
