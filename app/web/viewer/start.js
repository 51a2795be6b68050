// Shows the API, and after "Get an access token" fills the token in, so that the task API can be tried.
const viewer = SwaggerUIBundle({
  url: "/schema/openapi.json",
  dom_id: "#viewer",
  deepLinking: true,
  withCredentials: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  responseInterceptor(response) {
    if (response.ok && response.url.endsWith("/token") && response.body?.token) {
      viewer.preauthorizeApiKey("bearerAuth", response.body.token);
    }
    return response;
  },
});
