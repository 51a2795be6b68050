"use client";

import { useEffect, useRef, useState } from "react";
import { Alert } from "@/components/alert";
import { NewTask } from "@/components/new-task";
import { TaskRow } from "@/components/task-row";
import { told } from "@/lib/fault";
import { addTask, completeTask, deleteTask, listTasks, type Task } from "@/lib/tasks";

/** The tasks of one person, newest first. */
export function TaskList({ userId }: { userId: string }) {
  const [tasks, setTasks] = useState<Task[] | null>(null);
  const [error, setError] = useState("");
  const [attempt, setAttempt] = useState(0);
  const title = useRef<HTMLInputElement>(null);

  useEffect(() => {
    let isCurrent = true;
    listTasks(userId).then(
      (found) => isCurrent && setTasks(found),
      (fault) => isCurrent && setError(told(fault)),
    );
    return () => {
      isCurrent = false;
    };
  }, [userId, attempt]);

  /** Does it, then shows the list that `change` makes of the answer; whether it worked. */
  async function act<T>(
    request: Promise<T>,
    change: (tasks: Task[], answer: T) => Task[],
  ): Promise<boolean> {
    try {
      const answer = await request;
      setTasks((before) => change(before ?? [], answer));
      setError("");
      return true;
    } catch (fault) {
      setError(told(fault));
      return false;
    }
  }

  const add = (text: string) =>
    act(addTask(userId, text), (before, made) => [made, ...before]);

  const tick = ({ id, completed }: Task) =>
    act(completeTask(userId, id, !completed), (before, changed) =>
      before.map((task) => (task.id === id ? changed : task)),
    );

  async function remove({ id }: Task) {
    const done = await act(deleteTask(userId, id), (before) =>
      before.filter((task) => task.id !== id),
    );
    // The button that had the focus is gone.
    if (done) title.current?.focus();
  }

  function again() {
    setError("");
    setAttempt(attempt + 1);
  }

  return (
    <main className="stack">
      <title>Tasks</title>
      <h1>Tasks</h1>
      <Alert>{error}</Alert>
      {tasks === null ? (
        <Waiting failed={error !== ""} again={again} />
      ) : (
        <>
          <NewTask add={add} field={title} />
          <p role="status" className="count">
            {summary(tasks)}
          </p>
          <ul className="tasks" aria-label="Tasks">
            {tasks.map((task) => (
              <TaskRow key={task.id} task={task} tick={tick} remove={remove} />
            ))}
          </ul>
        </>
      )}
    </main>
  );
}

function Waiting({ failed, again }: { failed: boolean; again: () => void }) {
  if (!failed) return <p role="status">Loading …</p>;
  return (
    <button type="button" onClick={again}>
      Try again
    </button>
  );
}

function summary(tasks: Task[]): string {
  const open = tasks.filter((task) => !task.completed).length;
  if (tasks.length === 0) return "Nothing to do yet.";
  return open === 0 ? "All done." : `${open} of ${tasks.length} to do`;
}
