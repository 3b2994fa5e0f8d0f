"""The audio child: the transport, the decks, the mix, and the device they are heard through."""
