export default async ({ open, server, ada }) => {
  const { auth, browser } = open();
  const { data: { user } } = await auth.signUp.email(ada);
  const { data: { token } } = await auth.token();

  async function api(method, path, body, headers = { authorization: `Bearer ${token}` }) {
    const answer = await browser.fetch(`${server}${path}`, {
      method,
      headers: { ...headers, ...(body && { "content-type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, total: answer.headers.get("x-total-count"), body: text ? JSON.parse(text) : null };
  }

  const mine = `/api/${user.id}/tasks`;
  const created = await api("POST", mine, { title: "Write the flow" });
  return {
    user,
    created,
    listed: await api("GET", mine),
    completed: await api("PATCH", `${mine}/${created.body.id}/complete`),
    removed: await api("DELETE", `${mine}/${created.body.id}`),
    ofAnother: await api("GET", "/api/somebody-else/tasks"),
    anonymous: await api("GET", mine, undefined, {}),
  };
};
