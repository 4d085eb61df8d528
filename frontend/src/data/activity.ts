type Fetcher = (address: string, init: RequestInit) => Promise<Response>;

/**
 * A fetcher that tells when something is under way, and when nothing is any more. An answer counts until its
 * body is here.
 */
export function counting(fetcher: Fetcher, onChange: (busy: boolean) => void): Fetcher {
  let running = 0;
  return async (address, init) => {
    if (running++ === 0) {
      onChange(true);
    }
    try {
      const answer = await fetcher(address, init);
      const { status, statusText, headers } = answer;
      return new Response(await answer.arrayBuffer(), { status, statusText, headers });
    } finally {
      if (--running === 0) {
        onChange(false);
      }
    }
  };
}
