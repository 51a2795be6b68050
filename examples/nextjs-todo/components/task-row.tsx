"use client";

import { useState } from "react";
import type { Task } from "@/lib/tasks";

type Props = {
  task: Task;
  tick: (task: Task) => Promise<unknown>;
  remove: (task: Task) => Promise<unknown>;
};

export function TaskRow({ task, tick, remove }: Props) {
  const [isBusy, setIsBusy] = useState(false);

  async function busy(act: (task: Task) => Promise<unknown>) {
    if (isBusy) return;
    setIsBusy(true);
    await act(task);
    setIsBusy(false);
  }

  return (
    <li aria-busy={isBusy}>
      <label>
        <input type="checkbox" checked={task.completed} onChange={() => busy(tick)} />
        <span>{task.title}</span>
      </label>
      <button
        type="button"
        className="quiet"
        aria-label={`Delete “${task.title}”`}
        onClick={() => busy(remove)}
      >
        <svg aria-hidden="true" viewBox="0 0 16 16" width="16" height="16">
          <path d="M4 4l8 8M12 4l-8 8" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" />
        </svg>
      </button>
    </li>
  );
}
