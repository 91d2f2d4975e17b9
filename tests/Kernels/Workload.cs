using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Tests;

/// <summary>
/// Every kernel of the library on awkward sizes, and one hash of all results: two runs that agree in it agree in every bit.
/// </summary>
internal static class Workload
{
    /// <summary>The SHA-256 of all results, in hexadecimal.</summary>
    public static string Hash(int threads, ulong seed = 1)
    {
        using var device = new CpuDevice(threads);
        using var results = new Results(device);
        Lanes(results);
        foreach (int length in (int[])[1, 17, 1023, 16385, 100_003])
            Elements(results, length, seed);
        foreach (var (rows, columns) in ((int, int)[])[(1, 1), (3, 17), (64, 129), (131, 67), (1, 4099), (2049, 33)])
            Matrices(results, rows, columns);
        foreach (int[] extents in (int[][])[[1, 1, 1, 1], [3, 1, 1, 17], [5, 13, 11, 67], [2, 45, 31, 3], [17, 4, 4, 300]])
            Columns(results, extents);
        foreach (int[] extents in (int[][])[[1, 1, 1, 1], [3, 1, 2, 17], [5, 7, 6, 64], [9, 28, 27, 1], [33, 4, 4, 35]])
            Pictures(results, extents);
        foreach (var (rows, classes) in ((int, int)[])[(1, 1), (3, 17), (2049, 10)])
            Classes(results, rows, classes);
        foreach (var (m, k, n) in ((int, int, int)[])[(1, 1, 1), (7, 129, 25), (64, 100, 784), (131, 257, 97), (9, 1023, 49)])
            Products(results, m, k, n);
        Adam(results);
        return results.Hash();
    }

    private static void Lanes(Results results)
    {
        float[] numbers = [.. Sweep.Floats(99991)];
        using var x = Tensor.From(results.Device, new Shape(numbers.Length), numbers);
        var y = results.New(x.Shape);
        void Keep<F>(F f)
            where F : struct, IMap
        {
            Elementwise.Map(f, x, y);
            results.Add(y);
        }
        Keep(new ExpOf());
        Keep(new LogOf());
        Keep(new Log1POf());
        Keep(new TanhAgain());
        Keep(new RootOf());
    }

    private static void Elements(Results results, int length, ulong seed)
    {
        var shape = new Shape(length);
        var random = new RandomStream(seed, 9);
        Tensor x = results.New(shape), dy = results.New(shape), y = results.New(shape), z = results.New(shape);
        var one = results.New(new Shape(1));
        RandomNumbers.Normal(random, 0, 1, x);
        results.Add(x);
        RandomNumbers.TruncatedNormal(random, 0, 2, dy);
        results.Add(dy);
        RandomNumbers.Uniform(random, -1, 1, y);
        results.Add(y);
        RandomNumbers.Mask(random, 0.6f, y);
        results.Add(y);
        Elementwise.Map(new Everything(), x, y);
        results.Add(y);
        Elementwise.MapBackward(new Everything(), x, y, dy, z);
        results.Add(z);
        Elementwise.MapSecondDerivative(new Everything(), x, y, dy, dy, z, ofOutput: false);
        results.Add(z);
        Elementwise.Zip(new Mixed(), x, dy, z);
        results.Add(z);
        Reduce.Sum(new Everything(), x, 0.1f, one);
        results.Add(one);
        MovingAverage.Move(z, x, 0.9f);
        results.Add(z);
    }

    private static void Matrices(Results results, int rows, int columns)
    {
        Tensor x = results.Some(5, rows, columns), y = results.New(x.Shape), column = results.New(new Shape(rows));
        Reduce.SumColumns(x, column);
        results.Add(column);
        Reduce.RepeatColumns(column, 0.3f, y);
        results.Add(y);
        Columns(results, rows, columns);
    }

    private static void Columns(Results results, params ReadOnlySpan<int> extents)
    {
        int columns = extents[^1];
        Tensor x = results.Some(5, extents), dy = results.Some(6, extents), y = results.New(x.Shape);
        Tensor gamma = results.Some(7, columns), beta = results.Some(8, columns);
        Tensor[] row = [.. Enumerable.Range(0, 5).Select(_ => results.New(new Shape(columns)))];
        Elementwise.ZipRow(new Mixed(), x, beta, y);
        results.Add(y);
        Reduce.SumRows(x, row[0]);
        results.Add(row[0]);
        Reduce.RepeatRows(row[0], y);
        results.Add(y);
        BatchNorm.Forward(x, gamma, beta, 1e-5f, y, row[0], row[1], row[2]);
        results.Add([y, .. row[..3]]);
        BatchNorm.Backward(x, gamma, row[0], row[2], dy, y, row[3], row[4]);
        results.Add(y, row[3], row[4]);
        BatchNorm.Inference(x, gamma, beta, row[0], row[1], 1e-5f, y);
        results.Add(y);
    }

    private static void Pictures(Results results, params ReadOnlySpan<int> extents)
    {
        int n = extents[0], rows = extents[1], columns = extents[2], channels = extents[3];
        Tensor x = results.Some(5, extents), up = results.New(new Shape(n, 2 * rows, 2 * columns, channels));
        Tensor y = results.New(x.Shape), padded = results.New(new Shape(n, rows + 1, columns + 2, channels));
        Tensor mean = results.New(new Shape(n, channels));
        Pixels.Upsample(x, up);
        Pixels.SumPool(results.Some(6, n, 2 * rows, 2 * columns, channels), y);
        Pixels.Pad(x, 0, 1, padded);
        Pixels.SumPixels(x, 0.3f, mean);
        results.Add(up, y, padded, mean);
        Pixels.Move(x, results.Some(7, n, 3), new PixelMove(1, 0, 0, 0.25f), y);
        results.Add(y);
        Pixels.RepeatPixels(mean, 0.7f, y);
        results.Add(y);
    }

    private static void Classes(Results results, int rows, int classes)
    {
        Tensor x = results.Some(5, rows, classes), y = results.New(x.Shape), margin = results.New(new Shape(rows, 1));
        var labels = Tensor.From(results.Device, new Shape(rows), [.. Enumerable.Range(0, rows).Select(n => (float)(n % classes))]);
        Classification.LogSoftmax(x, y);
        results.Add(y);
        using (labels)
            Classification.OneHot(labels, y);
        Classification.Margin(x, y, margin);
        results.Add(y, margin);
    }

    private static void Products(Results results, int m, int k, int n)
    {
        Tensor a = results.Some(1, m, k), b = results.Some(2, k, n), aT = results.Some(3, k, m), bT = results.Some(4, n, k);
        Tensor bias = results.Some(5, n), y = results.New(new Shape(m, n));
        MatMul.Run(a, false, b, false, y);
        results.Add(y);
        MatMul.Run(aT, true, b, false, y);
        results.Add(y);
        MatMul.Run(a, false, bT, true, y);
        results.Add(y);
        MatMul.Run(aT, true, bT, true, y);
        results.Add(y);
        MatMul.Linear(a, b, bias, new TanhAgain(), y);
        results.Add(y);
    }

    private static void Adam(Results results)
    {
        AdamSlot[] slots = [.. ((int[])[1, 2049, 40_009, 17, 6000]).Select(length => new AdamSlot(
            results.Some(1, length), results.Some(2, length), results.New(new Shape(length)), results.New(new Shape(length))))];
        var product = new DeferredGradient(
            results.Some(5, 100, 37), results.Some(6, 100, 112), new(results.Some(7, 9, 37), results.Some(8, 9, 112)));
        var weight = results.Some(9, 37, 112);
        slots = [.. slots, new AdamSlot(weight, null, results.New(weight.Shape), results.New(weight.Shape), product)];
        foreach (var slot in slots)
        {
            slot.Mean.CopyFrom(Numbers.Some(slot.Mean.Count, seed: 3));
            slot.Square.CopyFrom(Array.ConvertAll(Numbers.Some(slot.Square.Count, seed: 4), MathF.Abs));
        }
        AdamStep.Run(slots, new AdamNumbers(0.003f, 0.5f, 0.999f, 1.7f, 1e-8f, 1), results.New(new Shape(slots.Length)));
        foreach (var (value, _, mean, square, _) in slots)
            results.Add(value, mean, square);
    }

    private sealed class Results(CpuDevice device) : IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly List<Tensor> _tensors = [];

        public CpuDevice Device => device;

        public Tensor New(Shape shape) => Keep(Tensor.Filled(device, shape, float.NaN));

        public Tensor Some(int seed, params ReadOnlySpan<int> extents) => Keep(Numbers.Some(device, new Shape(extents), seed));

        public void Add(params ReadOnlySpan<Tensor> tensors)
        {
            foreach (var tensor in tensors)
            {
                float[] values = tensor.ToArray();
                foreach (ref float value in values.AsSpan())
                    value = float.IsNaN(value) ? float.NaN : value; // which NaN it is, the processor decides
                _hash.AppendData(MemoryMarshal.AsBytes<float>(values));
            }
        }

        public string Hash() => Convert.ToHexString(_hash.GetHashAndReset());

        public void Dispose()
        {
            _tensors.ForEach(tensor => tensor.Dispose());
            _hash.Dispose();
        }

        private Tensor Keep(Tensor tensor)
        {
            _tensors.Add(tensor);
            return tensor;
        }
    }

    private readonly record struct ExpOf : IMap
    {
        public V Forward<V>(V x)
            where V : struct, ILane<V> => V.Exp(x);

        public V Backward<V>(V x, V y, V dy)
            where V : struct, ILane<V> => dy * y;
    }

    private readonly record struct LogOf : IMap
    {
        public V Forward<V>(V x)
            where V : struct, ILane<V> => V.Log(x);

        public V Backward<V>(V x, V y, V dy)
            where V : struct, ILane<V> => dy / x;
    }

    private readonly record struct Log1POf : IMap
    {
        public V Forward<V>(V x)
            where V : struct, ILane<V> => V.Log1P(x);

        public V Backward<V>(V x, V y, V dy)
            where V : struct, ILane<V> => dy / (V.Of(1f) + x);
    }

    private readonly record struct RootOf : IMap
    {
        public V Forward<V>(V x)
            where V : struct, ILane<V> => V.Sqrt(x);

        public V Backward<V>(V x, V y, V dy)
            where V : struct, ILane<V> => dy / (y + y);
    }
}
