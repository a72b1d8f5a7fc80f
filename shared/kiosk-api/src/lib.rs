//! The wire between kiosk and cloud: requests, replies, problem codes, the sealed envelope, versions; pure.
