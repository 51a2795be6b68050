/** An error, announced by screen readers; always there, because they miss a region that is new. */
export function Alert({ children }: { children: React.ReactNode }) {
  return (
    <div role="alert" className="alert">
      {children}
    </div>
  );
}
