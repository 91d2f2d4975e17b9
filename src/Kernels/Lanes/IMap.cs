namespace GanFromScratch.Kernels;

/// <summary>A function of one number, with its derivative. A formula op is one such struct, and nothing else.</summary>
public interface IMap
{
    /// <summary>y = f(x)</summary>
    V Forward<V>(V x)
        where V : struct, ILane<V>;

    /// <summary>dx = f'(x) · dy, where y = f(x). Linear in dy.</summary>
    V Backward<V>(V x, V y, V dy)
        where V : struct, ILane<V>;
}

/// <summary>
/// A map whose derivative can be told from its output alone: <see cref="IMap.Backward"/> gives the same when x is replaced by y. Such a map can
/// be fused into the matrix product before it, which then has no need to keep x.
/// </summary>
public interface IActivation : IMap;

/// <summary>An activation of straight pieces: its second derivative is 0 wherever there is one, so nothing flows back through its slope.</summary>
public interface IPiecewiseLinear : IActivation;

/// <summary>A function of two numbers.</summary>
public interface IZip
{
    /// <summary>y = f(a, b)</summary>
    V Forward<V>(V a, V b)
        where V : struct, ILane<V>;
}
