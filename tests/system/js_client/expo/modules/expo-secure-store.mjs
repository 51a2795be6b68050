// A phone's key store, as long as the process lives. Keys are letters, digits, ".", "-" and "_".

const kept = new Map();

function checked(key) {
  if (!/^[\w.-]+$/.test(key)) throw new Error(`Invalid key provided to SecureStore: ${key}`);
  return key;
}

export const getItem = (key) => kept.get(checked(key)) ?? null;
export const setItem = (key, value) => void kept.set(checked(key), value);
export const getItemAsync = async (key) => getItem(key);
export const setItemAsync = async (key, value) => setItem(key, value);
export const deleteItemAsync = async (key) => void kept.delete(checked(key));
