using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>A sum that is asked for: scale · Σ f(x), or the only element of x as it is.</summary>
/// <param name="Formula">f.</param>
/// <param name="X">At most <see cref="BatchSums.Most"/> elements.</param>
/// <param name="Scale">The factor.</param>
/// <param name="AsItIs">Whether x has one element that is returned unchanged.</param>
public readonly record struct SumRequest<F>(F Formula, Tensor X, float Scale, bool AsItIs = false)
    where F : struct, IMap;

/// <summary>
/// Sums over a batch's outputs that one group of threads computes, on an accelerator: several in one launch, or a loss with its gradient.
/// Their order is that of <see cref="Reduce.Sum"/>, which computes them on the processor.
/// </summary>
public static class BatchSums
{
    /// <summary>The most elements of a sum.</summary>
    public const int Most = 4096;

    /// <summary>The most sums of a launch.</summary>
    public const int MostAtOnce = 8;

    private const int Threads = 256;

    /// <summary>y[first + i] = the i-th sum.</summary>
    /// <param name="sums">One to <see cref="MostAtOnce"/> of them, all on y's device, an accelerator.</param>
    /// <param name="y">An element for each, or more.</param>
    /// <param name="first">The element of the first sum.</param>
    /// <exception cref="ArgumentException">They are too many, or one has too many elements.</exception>
    public static void Several<F>(ReadOnlySpan<SumRequest<F>> sums, Tensor y, int first = 0)
        where F : struct, IMap
    {
        int most = Math.Min(MostAtOnce, y.Count - first);
        if (sums.IsEmpty || first < 0 || sums.Length > most)
            throw new ArgumentException($"Several: {sums.Length} sums into {y.Shape} from {first} on; there may be 1 to {most}");
        foreach (ref readonly var sum in sums)
        {
            if (sum.X.Count > Most || (sum.AsItIs && sum.X.Count != 1))
                throw new ArgumentException($"Several: {sum.X.Shape} has more elements than a sum takes, {(sum.AsItIs ? 1 : Most)}");
        }
        var arguments = new SeveralArguments<F>(
            Next(sums, 0), Next(sums, 1), Next(sums, 2), Next(sums, 3), Next(sums, 4), Next(sums, 5), Next(sums, 6), Next(sums, 7),
            y.On(y.Device), first);
        Launcher.Groups(y.Device, new Index2D(sums.Length, 1), Threads, SeveralSumsKernel, arguments);

        DeviceSum<F> Next(ReadOnlySpan<SumRequest<F>> sums, int i)
        {
            ref readonly var sum = ref sums[Math.Min(i, sums.Length - 1)];
            return new(sum.Formula, sum.X.On(y.Device), sum.Scale, sum.AsItIs ? 0 : sum.X.Count);
        }
    }

    /// <summary>
    /// y[0] = mean(f(a)) + mean(g(b)), and the gradients of y with respect to a and b, in one launch. Without b, y[0] = mean(f(a)).
    /// </summary>
    /// <param name="f">f, and for b g.</param>
    /// <param name="a">At least one element, at most <see cref="Most"/>, on an accelerator.</param>
    /// <param name="slopeOfA">Receives the gradient with respect to a.</param>
    /// <param name="g">g.</param>
    /// <param name="b">Null, or as a.</param>
    /// <param name="slopeOfB">Receives the gradient with respect to b.</param>
    /// <param name="y">One element.</param>
    /// <exception cref="ArgumentException">The shapes differ, or there are too many elements.</exception>
    public static void MeanWithSlope<F>(F f, Tensor a, Tensor slopeOfA, F g, Tensor? b, Tensor? slopeOfB, Tensor y)
        where F : struct, IMap
    {
        Operands.SameShape("MeanWithSlope", a, slopeOfA);
        Operands.SameShape("MeanWithSlope", b ?? a, slopeOfB ?? slopeOfA);
        if (a.Count is 0 or > Most || b?.Count is 0 or > Most || y.Count != 1)
            Operands.Refuse("MeanWithSlope", a, y, $"a mean of 1 to {Most} elements has one element");
        var device = y.Device;
        var first = new DeviceSum<F>(f, a.On(device), 1f / a.Count, a.Count);
        var second = b is null ? first with { Count = 0 } : new DeviceSum<F>(g, b.On(device), 1f / b.Count, b.Count);
        var arguments = new MeanArguments<F>(first, slopeOfA.On(device), second, (slopeOfB ?? slopeOfA).On(device), y.On(device));
        Launcher.Groups(device, new Index2D(1, 1), Threads, MeanWithSlopeKernel, arguments);
    }

    /// <summary>A sum on a device; a count of 0 stands for the only element as it is.</summary>
    internal readonly record struct DeviceSum<F>(F Formula, ArrayView<float> X, float Scale, int Count)
        where F : struct, IMap;

    internal readonly record struct SeveralArguments<F>(
        DeviceSum<F> S0, DeviceSum<F> S1, DeviceSum<F> S2, DeviceSum<F> S3, DeviceSum<F> S4, DeviceSum<F> S5, DeviceSum<F> S6,
        DeviceSum<F> S7, ArrayView<float> Y, int First)
        where F : struct, IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public DeviceSum<F> Of(int i)
        {
            if (i < 4)
                return i < 2 ? (i == 0 ? S0 : S1) : (i == 2 ? S2 : S3);
            return i < 6 ? (i == 4 ? S4 : S5) : (i == 6 ? S6 : S7);
        }
    }

    internal readonly record struct MeanArguments<F>(
        DeviceSum<F> A, ArrayView<float> SlopeOfA, DeviceSum<F> B, ArrayView<float> SlopeOfB, ArrayView<float> Y)
        where F : struct, IMap;

    /// <summary>Computes a sum by each group.</summary>
    private static void SeveralSumsKernel<F>(SeveralArguments<F> a)
        where F : struct, IMap
    {
        var terms = SharedMemory.Allocate<float>(Most);
        var lanes = SharedMemory.Allocate<float>(Simd.Lanes);
        var sum = a.Of(Grid.IdxX);
        for (int i = Group.IdxX; i < sum.Count; i += Threads)
            terms[i] = sum.Formula.Forward(new Scalar(sum.X[i])).Value;
        float total = sum.Scale * Reduce.SumOf(terms, lanes, sum.Count);
        if (Group.IdxX == 0)
            a.Y[a.First + Grid.IdxX] = sum.Count == 0 ? sum.X[0] : total;
    }

    /// <summary>Computes both means and their gradients by one group.</summary>
    private static void MeanWithSlopeKernel<F>(MeanArguments<F> a)
        where F : struct, IMap
    {
        var terms = SharedMemory.Allocate<float>(Most);
        var lanes = SharedMemory.Allocate<float>(Simd.Lanes);
        Differentiate(a.A, a.SlopeOfA, terms);
        float mean = a.A.Scale * Reduce.SumOf(terms, lanes, a.A.Count);
        Group.Barrier(); // the first thread has read the terms
        Differentiate(a.B, a.SlopeOfB, terms);
        float second = a.B.Scale * Reduce.SumOf(terms, lanes, a.B.Count);
        if (Group.IdxX == 0)
            a.Y[0] = a.B.Count == 0 ? mean : mean + second;
    }

    /// <summary>Computes a mean's terms, and its gradient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Differentiate<F>(DeviceSum<F> sum, ArrayView<float> slope, ArrayView<float> terms)
        where F : struct, IMap
    {
        for (int i = Group.IdxX; i < sum.Count; i += Threads)
        {
            var x = new Scalar(sum.X[i]);
            var y = sum.Formula.Forward(x);
            terms[i] = y.Value;
            slope[i] = sum.Formula.Backward(x, y, new Scalar(sum.Scale)).Value;
        }
    }
}
