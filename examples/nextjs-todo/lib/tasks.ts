import { accessToken, forgetToken } from "@/lib/access-token";
import { Fault } from "@/lib/fault";

export type Task = { id: number; title: string; completed: boolean };

const ORIGIN = process.env.NEXT_PUBLIC_TASKS_URL ?? process.env.NEXT_PUBLIC_API_URL ?? "";

export const listTasks = (userId: string) => ask<Task[]>(userId, "GET", "");

export const addTask = (userId: string, title: string) =>
  ask<Task>(userId, "POST", "", { title });

export const completeTask = (userId: string, id: number, completed: boolean) =>
  ask<Task>(userId, "PATCH", `/${id}/complete`, { completed });

export const deleteTask = (userId: string, id: number) => ask<void>(userId, "DELETE", `/${id}`);

async function ask<T>(userId: string, method: string, path: string, body?: object): Promise<T> {
  let answer = await send(userId, method, path, body);
  if (answer.status === 401) {
    // The token has expired; a new one is to be had as long as the session lives.
    forgetToken();
    answer = await send(userId, method, path, body);
  }
  if (!answer.ok) throw new Fault(answer.status, await reason(answer));
  return answer.status === 204 ? (undefined as T) : await answer.json();
}

async function send(userId: string, method: string, path: string, body?: object) {
  return fetch(`${ORIGIN}/api/${encodeURIComponent(userId)}/tasks${path}`, {
    method,
    headers: {
      authorization: `Bearer ${await accessToken(userId)}`,
      ...(body && { "content-type": "application/json" }),
    },
    body: body && JSON.stringify(body),
  });
}

/** `message` of the service's own errors, `detail` of FastAPI's. */
async function reason(answer: Response): Promise<string> {
  const body = await answer.json().catch(() => null);
  return [body?.message, body?.detail].find((text) => typeof text === "string") ?? "";
}
