namespace GanFromScratch.Kernels;

/// <summary>An elementwise function with its derivative. A formula op is one such struct, and nothing else.</summary>
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
/// A map whose derivative follows from its output alone: <see cref="IMap.Backward"/> returns the same with y in place of x. It can be fused
/// into the matrix product before it, which then needn't keep x.
/// </summary>
public interface IActivation : IMap;

/// <summary>A piecewise linear activation: its second derivative is 0, so no gradient flows back through its slope.</summary>
public interface IPiecewiseLinear : IActivation;

/// <summary>An elementwise function of two numbers.</summary>
public interface IZip
{
    /// <summary>y = f(a, b)</summary>
    V Forward<V>(V a, V b)
        where V : struct, ILane<V>;
}
