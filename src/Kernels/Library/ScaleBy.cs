using System.Runtime.CompilerServices;
using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels;

/// <summary>y = (constant · value) · x, where the value changes from step to step.</summary>
/// <param name="Constant">The constant.</param>
/// <param name="Value">The value, unless it is in a block of the device's memory.</param>
/// <param name="At">Where it is.</param>
public readonly record struct ScaleBy(float Constant, float Value, Varying At) : IPiecewiseLinear
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : struct, ILane<V> => V.MultiplyAdd(V.Of(Constant * At.Get(0, Value)), x, V.Of(0f));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Backward<V>(V x, V y, V dy)
        where V : struct, ILane<V> => V.Of(Constant * At.Get(0, Value)) * dy;
}
