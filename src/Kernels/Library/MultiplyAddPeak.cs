using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>
/// Measures a device's peak of multiply-adds, the upper bound of any matrix product: independent chains in registers, without memory, on
/// the processor as wide as the product's vectors.
/// </summary>
public static unsafe class MultiplyAddPeak
{
    private const int Rounds = 12_000; // some 50 µs: shorter than what other programs take away at once
    private const int AcceleratorThreads = 1 << 18, AcceleratorChains = 16; // as many threads as a large GPU has in flight
    private const double AcceleratorMilliseconds = 3;

    /// <summary>
    /// Returns 10⁹ floating-point operations a second, two for a multiply-add, on all threads of a device: the median of some samples.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="samples">The number of samples, each of 50 µs on the processor, where tens are needed, and of some milliseconds
    /// elsewhere.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    public static double Gflops(Device device, int samples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        int rounds = device is CpuDevice ? 0 : RoundsOnAccelerator(device);
        var rates = new double[samples];
        for (int i = 0; i < samples; i++)
            rates[i] = device is CpuDevice cpu ? Sample(cpu) : SampleOnAccelerator(device, rounds);
        Array.Sort(rates);
        return rates[samples / 2];
    }

    /// <summary>Returns enough rounds for a launch's overhead not to matter.</summary>
    private static int RoundsOnAccelerator(Device device)
    {
        int rounds = 16;
        SampleOnAccelerator(device, rounds); // compiles it
        while (rounds < 1 << 20 && Milliseconds() < AcceleratorMilliseconds)
            rounds *= 2;
        return rounds;

        double Milliseconds() => 2.0 * AcceleratorThreads * AcceleratorChains * rounds / SampleOnAccelerator(device, rounds) / 1e6;
    }

    private static double SampleOnAccelerator(Device device, int rounds)
    {
        using var last = new Tensor(device, new Shape(AcceleratorThreads));
        device.Synchronize();
        long from = Stopwatch.GetTimestamp();
        Launcher.ForEach(device, AcceleratorThreads, MultiplyAddKernel, last.On(device), rounds);
        device.Synchronize();
        return 2.0 * AcceleratorThreads * AcceleratorChains * rounds / Stopwatch.GetElapsedTime(from).TotalSeconds / 1e9;
    }

    /// <summary>Runs sixteen chains a thread, each in a register.</summary>
    private static void MultiplyAddKernel(Index1D i, ArrayView<float> last, int rounds)
    {
        float start = i, factor = 0.999999f, more = 1e-6f;
        F4 a = new() { X = start, Y = start + 1f, Z = start + 2f, W = start + 3f }, b = a, c = a, d = a;
        b.X += 4f;
        c.Y += 5f;
        d.Z += 6f;
        for (int round = 0; round < rounds; round++)
        {
            a = Next(a, factor, more);
            b = Next(b, factor, more);
            c = Next(c, factor, more);
            d = Next(d, factor, more);
        }
        last[i] = Total(a) + Total(b) + Total(c) + Total(d);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static F4 Next(F4 chains, float factor, float more)
    {
        chains.X = MathF.FusedMultiplyAdd(chains.X, factor, more);
        chains.Y = MathF.FusedMultiplyAdd(chains.Y, factor, more);
        chains.Z = MathF.FusedMultiplyAdd(chains.Z, factor, more);
        chains.W = MathF.FusedMultiplyAdd(chains.W, factor, more);
        return chains;
    }

    private static float Total(F4 chains) => chains.X + chains.Y + chains.Z + chains.W;

    private static double Sample(CpuDevice device) => Vector512.IsHardwareAccelerated ? Sample<Wide512>(device)
        : Vector256.IsHardwareAccelerated ? Sample<Wide256>(device)
        : Sample<Wide128>(device);

    private static double Sample<V>(CpuDevice device)
        where V : struct, IVector<V>
    {
        var job = default(Chains<V>);
        long from = Stopwatch.GetTimestamp();
        device.Run(ref job, device.Threads);
        return 2.0 * Chains<V>.MultiplyAdds * device.Threads / Stopwatch.GetElapsedTime(from).TotalSeconds / 1e9;
    }

    /// <summary>
    /// Twelve chains: more than the multiply-adds that any processor has in flight (two a cycle, of four to five cycles each), and few
    /// enough for sixteen registers.
    /// </summary>
    private struct Chains<V> : IJob
        where V : struct, IVector<V>
    {
        public static readonly long MultiplyAdds = 12L * Rounds * V.Width;

        public readonly string Name => "multiply-adds";

        public void Run(int from, int to)
        {
            for (; from < to; from++)
            {
                if (Round() < 0)
                    throw new InvalidOperationException("the chains converge to 1"); // so that the compiler can't leave them out
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static float Round()
        {
            V factor = V.Of(0.999999f), more = V.Of(1e-6f);
            V a = factor, b = factor, c = factor, d = factor, e = factor, f = factor;
            V g = factor, h = factor, i = factor, j = factor, k = factor, l = factor;
            for (int round = 0; round < Rounds; round++)
            {
                a = V.MultiplyAdd(a, factor, more);
                b = V.MultiplyAdd(b, factor, more);
                c = V.MultiplyAdd(c, factor, more);
                d = V.MultiplyAdd(d, factor, more);
                e = V.MultiplyAdd(e, factor, more);
                f = V.MultiplyAdd(f, factor, more);
                g = V.MultiplyAdd(g, factor, more);
                h = V.MultiplyAdd(h, factor, more);
                i = V.MultiplyAdd(i, factor, more);
                j = V.MultiplyAdd(j, factor, more);
                k = V.MultiplyAdd(k, factor, more);
                l = V.MultiplyAdd(l, factor, more);
            }
            // All of them into one, by arithmetic: a list of them would have them all in memory, in the loop too.
            a = V.MultiplyAdd(a, b, V.MultiplyAdd(c, d, e));
            f = V.MultiplyAdd(f, g, V.MultiplyAdd(h, i, j));
            float* last = stackalloc float[V.Width];
            V.Store(last, V.MultiplyAdd(a, f, V.MultiplyAdd(k, l, more)));
            return *last;
        }
    }
}
