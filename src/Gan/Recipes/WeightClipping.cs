using System.Runtime.CompilerServices;
using GanFromScratch.Autograd;
using GanFromScratch.Kernels;

namespace GanFromScratch.Gan.Recipes;

/// <summary>Weight clipping (Arjovsky et al., 2017).</summary>
internal static class WeightClipping
{
    /// <summary>Clips each number of a network's parameters to ±limit.</summary>
    public static void Clip(Sequential network, float limit)
    {
        foreach (var parameter in network.ParameterArray)
            Elementwise.Map(new Clamp(limit), parameter.Value, parameter.Value);
    }

    /// <summary>The nearest number within ±limit.</summary>
    internal readonly record struct Clamp(float Limit) : IMap
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Forward<V>(V x)
            where V : struct, ILane<V>
        {
            V high = V.Of(Limit), low = V.Of(-Limit);
            return V.IfPositive(x - high, high, V.IfPositive(low - x, low, x));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Backward<V>(V x, V y, V dy)
            where V : struct, ILane<V> => V.IfPositive(V.Of(Limit) - V.Abs(x), dy, V.Of(0f));
    }
}
