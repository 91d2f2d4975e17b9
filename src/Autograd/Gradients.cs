using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>The result of one sweep: a gradient for each target.</summary>
public readonly struct Gradients
{
    private readonly Tape _tape;
    private readonly int _sweep;

    internal Gradients(Tape tape, int sweep)
    {
        _tape = tape;
        _sweep = sweep;
    }

    /// <summary>The gradient with respect to a parameter; zeros where the loss does not depend on it.</summary>
    /// <exception cref="InvalidOperationException">It was not a target, or another sweep found its gradient since.</exception>
    public Var this[Parameter parameter] =>
        _tape.Find(parameter) is { } target && Has(target) ? Shown(Of(target)) : throw NotFound(parameter.Name);

    /// <summary>The gradient with respect to a value; zeros where the loss does not depend on it.</summary>
    /// <inheritdoc cref="this[Parameter]"/>
    public Var this[Var target] => Has(target) ? Shown(Of(target)) : throw NotFound(target.Shape.ToString());

    /// <summary>
    /// Scales all these gradients by min(1, limit / norm), where norm is the Euclidean one of all their elements together (Pascanu et al., 2013). The
    /// device does it: nothing is read back.
    /// </summary>
    /// <exception cref="InvalidOperationException">One was not a target, or another sweep found its gradient since.</exception>
    public void ClipNorm(ReadOnlySpan<Parameter> parameters, float limit)
    {
        Var? squares = null;
        foreach (var parameter in parameters)
            squares = squares?.Add(this[parameter].Square().Sum()) ?? this[parameter].Square().Sum();
        if (squares is null)
            return;
        var factor = squares.Sqrt().Map(new Affine(1 / limit, -1f)).Relu().Offset(1f).Reciprocal(); // 1 / max(1, norm / limit)
        foreach (var parameter in parameters)
            _tape.Find(parameter)!.Gradient = this[parameter].Multiply(factor.Repeat(parameter.Value.Shape));
    }

    /// <summary>The numbers of a parameter's gradient, for as long as the tape lives, or, if an update can be made from that, what they are the product of.</summary>
    /// <inheritdoc cref="this[Parameter]"/>
    internal (Tensor? Value, DeferredWeightGradient? Product) ForUpdate(Parameter parameter)
    {
        if (_tape.Find(parameter) is not { } target || !Has(target))
            throw NotFound(parameter.Name);
        return target.GradientOf == _sweep && target.Unmade is { } product ? (null, product) : (Of(target).Value, null);
    }

    private static Var Shown(Var gradient)
    {
        gradient.Transient = false;
        return gradient;
    }

    private bool Has(Var target)
    {
        _tape.RequireOpen();
        return target.Tape == _tape && target.TargetOf == _sweep && target.NeededBy == _sweep;
    }

    private Var Of(Var target)
    {
        if (target.GradientOf != _sweep)
        {
            target.Gradient = _tape.Filled(target.Shape, 0f);
            target.Unmade = null;
            target.GradientOf = _sweep;
        }
        target.MakeGradient();
        return target.Gradient!;
    }

    private static InvalidOperationException NotFound(string name) => new(
        $"Gradients: {name} was not a target of this sweep, or a later sweep on the same tape has it as a target too; read gradients before that");
}
