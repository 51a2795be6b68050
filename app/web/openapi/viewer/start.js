// Shows the API, and keeps the access token of whoever is signed in, so that tasks can be tried.
const url = "/schema/openapi.json";

const viewer = SwaggerUIBundle({
  url,
  dom_id: "#viewer",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  withCredentials: true,
  responseInterceptor(response) {
    if (!response.ok) return response;
    const { pathname } = new URL(response.url, location);
    if (pathname.endsWith("/token")) {
      viewer.preauthorizeApiKey("bearerAuth", response.body.token);
    } else if (/\/sign-(up\/email|in\/email|out)$/.test(pathname)) {
      if (viewer.authSelectors.authorized()?.has("bearerAuth")) {
        viewer.authActions.logout(["bearerAuth"]);
      }
    }
    return response;
  },
});
