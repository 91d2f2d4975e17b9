using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>Exponential moving averages, of batch normalisation's statistics and of a generator's weights.</summary>
public static unsafe class MovingAverage
{
    private const int Chunk = 2048, PairsAtOnce = 8; // eight pairs take some 500 bytes of arguments on OpenCL

    /// <summary>average = decay · average + (1 - decay) · latest, element by element. Keras calls the decay momentum.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void Move(Tensor average, Tensor latest, float decay) => Move([(average, latest)], decay);

    /// <summary>The same for several pairs of one device, in as few launches as their arguments allow.</summary>
    /// <param name="pairs">The averages, and what they move towards.</param>
    /// <param name="decay">How much of an average stays.</param>
    /// <param name="at">Where a device finds the decay, if not among its arguments.</param>
    /// <exception cref="ArgumentException">The shapes of a pair differ.</exception>
    public static void Move(ReadOnlySpan<(Tensor Average, Tensor Latest)> pairs, float decay, Varying? at = null)
    {
        foreach (var (average, latest) in pairs)
            Operands.SameShape("MovingAverage", average, latest);
        for (int first = 0; first < pairs.Length; first += PairsAtOnce)
        {
            var those = pairs.Slice(first, Math.Min(PairsAtOnce, pairs.Length - first));
            if (those[0].Average.Device is CpuDevice cpu)
            {
                foreach (var (average, latest) in those)
                    CpuLoop.ForEach(cpu, new MoveBody(average.Pointer(), latest.Pointer(), decay), average.Shape);
            }
            else
            {
                var device = (AcceleratorDevice)those[0].Average.Device;
                Launch(device, those, decay, at ?? device.AmongArguments);
            }
        }
    }

    private static void Launch(AcceleratorDevice device, ReadOnlySpan<(Tensor Average, Tensor Latest)> pairs, float decay, Varying at)
    {
        int groups = 0;
        var arguments = new MoveArguments(
            Next(pairs, 0), Next(pairs, 1), Next(pairs, 2), Next(pairs, 3), Next(pairs, 4), Next(pairs, 5), Next(pairs, 6), Next(pairs, 7),
            decay, at);
        Launcher.Groups(device, new Index2D(groups, 1), device.ThreadsAlone, MovingAveragesKernel, arguments);

        DevicePair Next(ReadOnlySpan<(Tensor Average, Tensor Latest)> pairs, int i)
        {
            var (average, latest) = pairs[Math.Min(i, pairs.Length - 1)];
            var pair = new DevicePair(average.On(device), latest.On(device), groups);
            if (i < pairs.Length)
                groups += (average.Count + Chunk - 1) / Chunk;
            return pair;
        }
    }

    internal readonly record struct DevicePair(ArrayView<float> Average, ArrayView<float> Latest, int FirstGroup);

    /// <summary>Eight pairs; the first group of an unused one is past the last.</summary>
    internal readonly record struct MoveArguments(
        DevicePair P0, DevicePair P1, DevicePair P2, DevicePair P3, DevicePair P4, DevicePair P5, DevicePair P6, DevicePair P7,
        float Decay, Varying At)
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public DevicePair Of(int group)
        {
            if (group < P4.FirstGroup)
            {
                if (group < P2.FirstGroup)
                    return group < P1.FirstGroup ? P0 : P1;
                return group < P3.FirstGroup ? P2 : P3;
            }
            if (group < P6.FirstGroup)
                return group < P5.FirstGroup ? P4 : P5;
            return group < P7.FirstGroup ? P6 : P7;
        }
    }

    private static void MovingAveragesKernel(MoveArguments a)
    {
        var pair = a.Of(Grid.IdxX);
        int from = (Grid.IdxX - pair.FirstGroup) * Chunk;
        float decay = a.At.Get(0, a.Decay);
        for (int i = from + Group.IdxX; i < from + Chunk && i < pair.Average.Length; i += Group.DimX)
            pair.Average[i] = Of(pair.Average[i], pair.Latest[i], decay);
    }

    /// <summary>Returns a moved average, in a kernel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Of(float average, float latest, float decay) => MathF.FusedMultiplyAdd(decay, average, (1f - decay) * latest);

    private readonly struct MoveBody(float* average, float* latest, float decay) : ILoopBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int i)
            where V : struct, IFloatLane<V> =>
            V.Store(average + i, V.MultiplyAdd(V.Of(decay), V.Load(average + i), V.Of(1f - decay) * V.Load(latest + i)));
    }
}
