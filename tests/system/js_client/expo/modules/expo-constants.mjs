// app.json of the app.

export default { expoConfig: { scheme: "myapp" } };
