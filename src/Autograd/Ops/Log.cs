using System.Runtime.CompilerServices;
using GanFromScratch.Kernels;

namespace GanFromScratch.Autograd;

/// <summary>y = ln x</summary>
public readonly record struct Log : IMap
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Forward<V>(V x)
        where V : struct, ILane<V> => V.Log(x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Backward<V>(V x, V y, V dy)
        where V : struct, ILane<V> => dy / x;
}

/// <summary>The op of <see cref="Autograd.Log"/>.</summary>
public static class LogOps
{
    /// <summary>y = ln x</summary>
    public static Var Log(this Var x) => x.Map(default(Log));
}
