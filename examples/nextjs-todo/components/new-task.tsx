"use client";

import { useState } from "react";

type Props = {
  add: (title: string) => Promise<boolean>;
  field: React.RefObject<HTMLInputElement | null>;
};

export function NewTask({ add, field }: Props) {
  const [title, setTitle] = useState("");
  const [isAdding, setIsAdding] = useState(false);

  async function submit(event: React.FormEvent) {
    event.preventDefault();
    const wanted = title.trim();
    if (wanted === "" || isAdding) return;
    setIsAdding(true);
    if (await add(wanted)) setTitle("");
    setIsAdding(false);
  }

  return (
    <form className="new-task" onSubmit={submit}>
      <label htmlFor="title">New task</label>
      <div>
        <input
          id="title"
          ref={field}
          value={title}
          onChange={(event) => setTitle(event.target.value)}
          maxLength={200}
          required
          autoComplete="off"
        />
        <button className="primary" type="submit" disabled={isAdding}>
          Add
        </button>
      </div>
    </form>
  );
}
