/** Convolutions over so many random images, whose batch is shared out among threads; `keys` are those of `train`. */
export const images = (rows: number, filters: number, keys: string): string => `
data d = blobs(n = ${rows}, classes = 4, features = 784)
input p : [N, 784] = d[:, 0:784] / 10
input y : [N] int = d["label"]
c = conv(reshape(p, [N, 1, 28, 28]), ${filters}, 5, padding = 2, act = relu)
e = conv(max_pool2d(c, 2), ${filters}, 5, padding = 2, act = relu)
loss = cross_entropy(dense(flatten(e), 4), y)
train loss { optimizer = adam(lr = 0.001); ${keys} }
`;
