using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;
using ILGPU;

namespace GanFromScratch.Kernels;

/// <summary>Exponential moving averages, of batch normalisation's statistics and of a generator's weights.</summary>
public static unsafe class MovingAverage
{
    /// <summary>average = decay · average + (1 - decay) · latest, element by element. Keras calls the decay momentum.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void Move(Tensor average, Tensor latest, float decay)
    {
        Operands.SameShape("MovingAverage", average, latest);
        var device = average.Device;
        if (device is CpuDevice cpu)
            CpuLoop.ForEach(cpu, new MoveBody(average.Pointer(), latest.Pointer(), decay), average.Shape);
        else
            Launcher.ForEach(device, average.Count, MovingAverageKernel, average.On(device), latest.On(device), decay);
    }

    private static void MovingAverageKernel(Index1D i, ArrayView<float> average, ArrayView<float> latest, float decay) =>
        average[i] = MathF.FusedMultiplyAdd(decay, average[i], (1f - decay) * latest[i]);

    private readonly struct MoveBody(float* average, float* latest, float decay) : ILoopBody
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void At<V>(int i)
            where V : struct, IFloatLane<V> =>
            V.Store(average + i, V.MultiplyAdd(V.Of(decay), V.Load(average + i), V.Of(1f - decay) * V.Load(latest + i)));
    }
}
