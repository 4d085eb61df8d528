type Fetcher = (address: string, init: RequestInit) => Promise<Response>;

/** A fetcher that tells when the server does not answer. A request that was aborted says nothing of it. */
export function watching(fetcher: Fetcher, onUnreachable: () => void): Fetcher {
  return async (address, init) => {
    try {
      return await fetcher(address, init);
    } catch (error) {
      if (!init.signal?.aborted) {
        onUnreachable();
      }
      throw error;
    }
  };
}
