using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>
/// Fills tensors with random numbers. Elements are in groups of 64, from sixteen counters each: element 16·w + i of a group is word w of
/// counter i, so that a vector, or a row of neighbouring threads, writes side by side.
/// </summary>
public static unsafe class RandomNumbers
{
    private const int Group = 64;

    /// <summary>Fills with uniform numbers in [low, high), from the upper 24 bits of each word.</summary>
    /// <exception cref="ArgumentException">low isn't less than high, or their difference isn't finite.</exception>
    public static void Uniform(RandomStream random, float low, float high, Tensor y)
    {
        if (!(low < high && float.IsFinite(high - low)))
            throw new ArgumentException($"Uniform: [{low}, {high}) is no range to draw from; give low < high, both finite");
        Fill(random, new UniformKind(low, high - low, MathF.BitDecrement(high)), y);
    }

    /// <summary>
    /// Fills with normal numbers (Box and Muller): words 0 and 1 of a counter make two of them, words 2 and 3 the other two.
    /// </summary>
    public static void Normal(RandomStream random, float mean, float deviation, Tensor y) =>
        Fill(random, new NormalKind(mean, deviation), y);

    /// <summary>Fills with normal numbers of a deviation that changes from step to step.</summary>
    public static void Normal(RandomStream random, float mean, StepScalar deviation, Tensor y)
    {
        if (y.Device is AcceleratorDevice { IsRecording: true } device)
            Fill(random, new VaryingNormalKind(mean, deviation.On(device)), y);
        else
            Normal(random, mean, deviation.Current, y);
    }

    /// <summary>
    /// Fills with normal numbers within two deviations of the mean, as TensorFlow's truncated normal, by the inverse of the distribution
    /// function (M. Giles, "Approximating the erfinv function", 2012; its central branch covers two deviations).
    /// </summary>
    public static void TruncatedNormal(RandomStream random, float mean, float deviation, Tensor y) =>
        Fill(random, new TruncatedKind(mean, deviation), y);

    /// <summary>Fills with a dropout mask: 1/keep with the probability keep, else 0.</summary>
    /// <exception cref="ArgumentException">keep is not a probability.</exception>
    public static void Mask(RandomStream random, float keep, Tensor y)
    {
        if (!(keep >= 0 && keep <= 1))
            throw new ArgumentException($"Mask: keep is {keep}, but a probability lies between 0 and 1");
        Fill(random, new MaskKind(keep), y);
    }

    private static void Fill<K>(RandomStream random, K kind, Tensor y)
        where K : struct, IKind
    {
        int groups = (y.Count + Group - 1) / Group;
        ulong blocks = (ulong)groups * 16;
        if (y.Device is CpuDevice cpu)
        {
            var job = new Job<K>(random.Seed, random.Stream, random.Take(blocks), kind, y.Pointer(), y.Count);
            cpu.Run(ref job, groups, 32);
            return;
        }
        var device = (AcceleratorDevice)y.Device;
        var counters = device.IsRecording
            ? new Counters(random.Seed, 0, random.Stream, Replayed(device, random, blocks))
            : new Counters(random.Seed, random.Take(blocks), random.Stream, device.AmongArguments);
        Launcher.ForEach(device, groups * 16, RandomKernel, counters, kind, y.On(device));
    }

    // In a method of its own: one with a lambda allocates whether it needs it or not.
    private static Varying Replayed(AcceleratorDevice device, RandomStream random, ulong blocks) => device.Vary(random, 2, numbers =>
    {
        ulong position = random.Take(blocks);
        numbers[0] = BitConverter.UInt32BitsToSingle((uint)position);
        numbers[1] = BitConverter.UInt32BitsToSingle((uint)(position >> 32));
    });

    internal readonly record struct Counters(ulong Seed, ulong Position, uint Stream, Varying At);

    /// <summary>Computes the four numbers of one counter in a thread.</summary>
    private static void RandomKernel<K>(Index1D i, Counters counters, K kind, ArrayView<float> y)
        where K : struct, IKind
    {
        int first = (i / 16 * Group) + (i % 16);
        if (first >= y.Length)
            return;
        var (w0, w1, w2, w3) = Philox.Block(counters.Seed, counters.Stream, counters.At.Get(counters.Position) + (uint)i.X);
        Scalar u0 = Scalar.Unit(w0), u1 = Scalar.Unit(w1), u2 = Scalar.Unit(w2), u3 = Scalar.Unit(w3);
        kind.Make(ref u0, ref u1);
        kind.Make(ref u2, ref u3);
        y[first] = u0.Value;
        if (first + 16 < y.Length)
            y[first + 16] = u1.Value;
        if (first + 32 < y.Length)
            y[first + 32] = u2.Value;
        if (first + 48 < y.Length)
            y[first + 48] = u3.Value;
    }

    /// <summary>A distribution, which turns two uniform numbers in [0, 1) into two of its own.</summary>
    internal interface IKind
    {
        void Make<V>(ref V u, ref V v)
            where V : struct, IFloatLane<V>;
    }

    internal readonly struct UniformKind(float low, float range, float greatest) : IKind
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Make<V>(ref V u, ref V v)
            where V : struct, IFloatLane<V>
        {
            u = Between(u);
            v = Between(v);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private V Between<V>(V u)
            where V : struct, IFloatLane<V>
        {
            V x = V.MultiplyAdd(u, V.Of(range), V.Of(low));
            return V.IfLess(V.Of(greatest), x, V.Of(greatest), x); // 1 + (1 - 2^-24) rounds to 2
        }
    }

    internal readonly struct NormalKind(float mean, float deviation) : IKind
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Make<V>(ref V u, ref V v)
            where V : struct, IFloatLane<V>
        {
            V radius = V.Sqrt(V.Of(-2f) * Transcendental.Log(V.Of(1f) - u)) * V.Of(deviation); // 1 - u is never 0
            V sine = Transcendental.SinCosOfTurn(v, out V cosine);
            u = V.MultiplyAdd(radius, cosine, V.Of(mean));
            v = V.MultiplyAdd(radius, sine, V.Of(mean));
        }
    }

    internal readonly record struct VaryingNormalKind(float Mean, Varying Deviation) : IKind
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Make<V>(ref V u, ref V v)
            where V : struct, IFloatLane<V> => new NormalKind(Mean, Deviation.Get(0, 0f)).Make(ref u, ref v);
    }

    internal readonly struct TruncatedKind(float mean, float deviation) : IKind
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Make<V>(ref V u, ref V v)
            where V : struct, IFloatLane<V>
        {
            u = Quantile(u);
            v = Quantile(v);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private V Quantile<V>(V u)
            where V : struct, IFloatLane<V>
        {
            const float Within = 0.954499736f; // the share of a normal distribution within two deviations
            V x = V.MultiplyAdd(u, V.Of(2f * Within), V.Of(Within * ((1f / (1 << 24)) - 1f))); // the middle of its 2^-24 wide interval
            V w = -Transcendental.Log((V.Of(1f) - x) * (V.Of(1f) + x)) - V.Of(2.5f);
            V p = V.Of(2.81022636e-08f);
            p = V.MultiplyAdd(p, w, V.Of(3.43273939e-07f));
            p = V.MultiplyAdd(p, w, V.Of(-3.5233877e-06f));
            p = V.MultiplyAdd(p, w, V.Of(-4.39150654e-06f));
            p = V.MultiplyAdd(p, w, V.Of(0.00021858087f));
            p = V.MultiplyAdd(p, w, V.Of(-0.00125372503f));
            p = V.MultiplyAdd(p, w, V.Of(-0.00417768164f));
            p = V.MultiplyAdd(p, w, V.Of(0.246640727f));
            p = V.MultiplyAdd(p, w, V.Of(1.50140941f));
            return V.MultiplyAdd(p * x, V.Of(1.41421356f * deviation), V.Of(mean));
        }
    }

    internal readonly struct MaskKind(float keep) : IKind
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Make<V>(ref V u, ref V v)
            where V : struct, IFloatLane<V>
        {
            V k = V.Of(keep), kept = V.Of(1f / keep), zero = V.Of(0f);
            u = V.IfLess(u, k, kept, zero);
            v = V.IfLess(v, k, kept, zero);
        }
    }

    private readonly struct Job<K>(ulong seed, uint stream, ulong position, K kind, float* y, int count) : IJob
        where K : struct, IKind
    {
        public void Run(int from, int to)
        {
            uint* words = stackalloc uint[Group];
            float* made = stackalloc float[Group];
            for (int group = from; group < to; group++)
            {
                int left = count - (group * Group);
                float* target = left >= Group ? y + ((nint)group * Group) : made;
                Philox.SixteenBlocks(seed, stream, position + ((ulong)group * 16), words);
                Half(words, target);
                Half(words + (Group / 2), target + (Group / 2));
                if (left < Group)
                    new ReadOnlySpan<float>(made, left).CopyTo(new Span<float>(y + ((nint)group * Group), left));
            }
        }

        /// <summary>
        /// Computes half a group. Both halves in one method would exceed the JIT's budget for inlining, and every operator would be a call.
        /// </summary>
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private void Half(uint* words, float* target)
        {
            Simd u = Simd.Unit(words), v = Simd.Unit(words + 16);
            kind.Make(ref u, ref v);
            Simd.Store(target, u);
            Simd.Store(target + 16, v);
        }
    }
}
