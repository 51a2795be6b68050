export default async ({ open, server, ada }) => {
  const { auth, browser } = open();
  const signedUp = await auth.signUp.email(ada);
  const token = await auth.token();
  const { data: { user: other } } = await open().auth.signUp.email({ ...ada, email: `bob-${ada.email}` });

  async function api(method, path, body, credentials = "include") {
    const answer = await browser.fetch(`${server}/api/${path}`, {
      method,
      credentials,
      headers: body && { "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : null };
  }

  const { id } = signedUp.data.user;
  const created = await api("POST", `${id}/tasks`, { title: "Write the flow" });
  const task = `${id}/tasks/${created.body.id}`;
  return {
    signedUp,
    token,
    profile: await api("GET", `${id}/profile`),
    created,
    listed: await api("GET", `${id}/tasks`),
    completed: await api("PATCH", task, { completed: true }),
    listOfAnother: await api("GET", `${other.id}/tasks`),
    profileOfAnother: await api("GET", `${other.id}/profile`),
    anonymous: await api("GET", `${id}/tasks`, undefined, "omit"),
    removed: await api("DELETE", task),
    removedAgain: await api("DELETE", task),
  };
};
