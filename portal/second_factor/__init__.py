"""The second factor: an app or a passkey beside the password; staff need one, firms may have one."""
