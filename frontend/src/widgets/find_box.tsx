interface Props {
  /** What is looked for, as in "Find a run". */
  readonly what: string;
  readonly count: number;
  readonly filter: string;
  readonly onFilter: (filter: string) => void;
}

/** Narrows a list that is too long to look through. */
export function FindBox({ what, count, filter, onFilter }: Props) {
  return (
    <input
      class="find"
      type="search"
      aria-label={`Find a ${what}`}
      placeholder={`find one of ${count}`}
      value={filter}
      onInput={(event) => onFilter(event.currentTarget.value)}
    />
  );
}
