"""The adapter for better-auth-server: carries keyspec's requests to the port, and changes none of them."""
