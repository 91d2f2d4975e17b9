using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>
/// The most multiply-adds that a processor makes: what no matrix product can be faster than. Independent chains in registers, no memory; each
/// number is as wide as the matrix product's vectors.
/// </summary>
public static unsafe class MultiplyAddPeak
{
    private const int Rounds = 12_000; // some 50 µs: shorter than what other programs take away at once

    /// <summary>Measures 10⁹ floating-point operations a second, two for a multiply-add, on all threads of the device: the median of some samples.</summary>
    /// <param name="device">Whose threads.</param>
    /// <param name="samples">How many samples; with some tens the median takes a few milliseconds.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not even one.</exception>
    public static double Gflops(CpuDevice device, int samples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        var rates = new double[samples];
        for (int i = 0; i < samples; i++)
            rates[i] = Sample(device);
        Array.Sort(rates);
        return rates[samples / 2];
    }

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

    /// <summary>Twelve chains: more than any processor has multiply-adds in flight (two a cycle, four to five cycles each), and few enough for sixteen registers.</summary>
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
