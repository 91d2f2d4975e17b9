using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// What the tests of kernels share: numbers to compute with, sizes that hurt, and how far a result is from the right one.
/// </summary>
internal static class Numbers
{
    /// <summary>Nothing, one, around a vector, around an elementwise chunk and a sum's block, and where more threads are woken.</summary>
    public static readonly int[] Lengths = [0, 1, 15, 16, 17, 31, 1023, 2047, 2049, 4095, 4096, 4097, 16383, 16384, 40009];

    /// <summary>Matrices whose rows or columns are missing, single, around a vector, around 64 columns, prime.</summary>
    public static readonly (int Rows, int Columns)[] Matrices =
    [
        (0, 5), (5, 0), (1, 1), (1, 17), (17, 1), (2, 15), (3, 16), (5, 63), (7, 64), (31, 65), (13, 127), (1023, 19), (19, 1023),
        (130, 257),
    ];

    /// <summary>Uniform numbers in [-size, size), the same for the same seed.</summary>
    public static float[] Some(int count, int seed, float size = 2)
    {
        var random = new Random(seed);
        var numbers = new float[count];
        foreach (ref float number in numbers.AsSpan())
            number = (float)((random.NextDouble() * 2) - 1) * size;
        return numbers;
    }

    /// <summary>A tensor of such numbers.</summary>
    public static Tensor Some(Device device, Shape shape, int seed, float size = 2) =>
        Tensor.From(device, shape, Some(shape.Count, seed, size));

    /// <summary>A result to be written: full of NaN, so that an element left out is seen.</summary>
    public static Tensor Unwritten(Device device, params ReadOnlySpan<int> extents) => Tensor.Filled(device, new Shape(extents), float.NaN);

    /// <summary>How many floats lie between what came and what is right, in the distance of two floats at what is right.</summary>
    public static double Ulps(float got, double want)
    {
        if (float.IsNaN(got) || double.IsNaN(want))
            return float.IsNaN(got) && double.IsNaN(want) ? 0 : double.PositiveInfinity;
        // Past the greatest float the next one would be 2^128: infinity stands there.
        double place = float.IsInfinity(got) ? Math.CopySign(Math.ScaleB(1, 128), got) : got;
        double wanted = Math.Clamp(want, -Math.ScaleB(1, 128), Math.ScaleB(1, 128));
        return Math.Abs(place - wanted) / Ulp(wanted);
    }

    /// <summary>Equal to the bit; every NaN counts as the same.</summary>
    public static bool Same(float a, float b) =>
        BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b) || (float.IsNaN(a) && float.IsNaN(b));

    public static void AssertSame(ReadOnlySpan<float> got, ReadOnlySpan<float> want, string what)
    {
        Assert.That(got.Length, Is.EqualTo(want.Length), what);
        for (int i = 0; i < got.Length; i++)
        {
            if (!Same(got[i], want[i]))
                Assert.Fail($"{what}: element {i} is {got[i]:g9}, not {want[i]:g9}");
        }
    }

    /// <summary>Within <paramref name="tolerance"/> times the larger of the right number and <paramref name="floor"/>.</summary>
    public static void AssertClose(ReadOnlySpan<float> got, ReadOnlySpan<double> want, double tolerance, string what, double floor = 1)
    {
        Assert.That(got.Length, Is.EqualTo(want.Length), what);
        for (int i = 0; i < got.Length; i++)
        {
            if (!(Math.Abs(got[i] - want[i]) <= tolerance * Math.Max(floor, Math.Abs(want[i]))))
                Assert.Fail($"{what}: element {i} is {got[i]:g9}, not {want[i]:g17} within {tolerance}");
        }
    }

    /// <summary>Refused with a sentence that starts with the op and holds these words.</summary>
    public static void AssertRefused(Action call, string op, params string[] words)
    {
        string message = Assert.Throws<ArgumentException>(call)!.Message;
        Assert.That(message, Does.StartWith(op + ":"));
        foreach (string word in words)
            Assert.That(message, Does.Contain(word));
    }

    private static double Ulp(double x) => Math.ScaleB(1, Math.Clamp(x == 0 ? -126 : Math.ILogB(x), -126, 127) - 23);
}

/// <summary>Formulas that use every operation of a lane, so that a loop over them shows a wrong one.</summary>
internal readonly record struct Everything : IMap
{
    public V Forward<V>(V x)
        where V : struct, ILane<V>
    {
        V half = V.Of(0.5f), size = V.Abs(x) + half;
        V a = V.Log(size) * V.Tanh(x) - V.Log1P(V.Exp(-size));
        return V.IfPositive(x, a / V.Sqrt(size), V.MultiplyAdd(a, half, -x));
    }

    public V Backward<V>(V x, V y, V dy)
        where V : struct, ILane<V> => dy * (V.Exp(-V.Abs(x)) + y);
}

/// <summary>y = tanh x, whose derivative follows from its output.</summary>
internal readonly record struct TanhAgain : IActivation
{
    public V Forward<V>(V x)
        where V : struct, ILane<V> => V.Tanh(x);

    public V Backward<V>(V x, V y, V dy)
        where V : struct, ILane<V> => (V.Of(1f) - y * y) * dy;
}

/// <summary>f(a, b) = a / (1 + |b|) - b, which tells its arguments apart.</summary>
internal readonly record struct Mixed : IZip
{
    public V Forward<V>(V a, V b)
        where V : struct, ILane<V> => a / (V.Of(1f) + V.Abs(b)) - b;
}
