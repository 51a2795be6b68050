// createURL as expo-linking 58 writes it: in a build of the app, or (EXPO_GO) in Expo Go.

import Constants from "expo-constants";

const server = process.env.EXPO_GO;

export const createURL = (path, { scheme = Constants.expoConfig.scheme } = {}) =>
  server ? `exp://${server}${path && `/--/${path.replace(/^\//, "")}`}` : `${scheme}://${path}`;
