// `node mongo_shell.mjs SCRIPT`: the script on a stand-in of mongosh, whose collections hold what Better
// Auth's MongoDB adapter writes. The same script printed the same in mongosh 2.12.
class ObjectId {
  constructor(hex) {
    this.hex = hex;
  }
  toString() {
    return this.hex;
  }
}

const [ada, bob, carol] = ["6b0c56b29b5d096256d6ed45", "6b0c56b39b5d096256d6ed48", "6b0c56b39b5d096256d6ed50"];
const time = new Date("2026-11-29T16:45:38.865Z");
const times = { createdAt: time, updatedAt: time };
const hashed = process.env.HASH;
const stored = {
  user: [
    {
      name: 'Ada "Löve" \\ 🚀\nx', email: "ada@example.com", emailVerified: true,
      image: "https://example.com/a.png", ...times, plan: "pro", _id: new ObjectId(ada),
    },
    { name: "Bob", email: "bob@example.com", emailVerified: false, ...times, _id: new ObjectId(bob) },
    {
      name: "Carol", email: "carol@example.com", emailVerified: false, ...times, role: "user",
      banned: true, _id: new ObjectId(carol),
    },
  ],
  account: [
    { accountId: "9", providerId: "github", userId: new ObjectId(ada), ...times },
    ...[ada, carol].map((id) => ({
      accountId: id, providerId: "credential", userId: new ObjectId(id), password: hashed, ...times,
    })),
    { accountId: "8", providerId: "github", userId: new ObjectId(bob), ...times },
  ],
};

function lookUp(rows, { from, localField, foreignField, as }) {
  const joined = (row) => stored[from].filter((each) => `${each[foreignField]}` === `${row[localField]}`);
  return rows.map((row) => ({ ...row, [as]: joined(row) }));
}

const aggregate = (name) => (stages) => stages.reduce((rows, { $lookup }) => lookUp(rows, $lookup), stored[name]);
const db = { user: { aggregate: aggregate("user") } };
new Function("db", "print", process.argv[2])(db, console.log);
