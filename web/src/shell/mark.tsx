/** Parlando's mark, as in favicon.svg. Decoration: the name stands beside it. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={className}>
      <rect width="32" height="32" rx="8" fill="#4f46b8" />
      <path
        d="M7 14v4M12 9.5v13M17 6v20M22 11v10M26 14.5v3"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinecap="round"
      />
    </svg>
  );
}
