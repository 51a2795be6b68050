// What @better-auth/expo asks of React Native.

export const Platform = { OS: "ios" };
export const AppState = { addEventListener: () => ({ remove() {} }) };
