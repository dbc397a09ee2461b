// The idempotency key of an operation: a random UUID.

export const operationId = () =>
  self.crypto.randomUUID?.() ??
  // Over plain HTTP, as in a home's own network, browsers have no randomUUID.
  "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16),
  );
