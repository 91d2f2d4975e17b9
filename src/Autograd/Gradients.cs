using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>The result of one sweep: a gradient for each target.</summary>
public readonly struct Gradients
{
    private readonly Tape _tape;
    private readonly GradientStore _store;

    internal Gradients(Tape tape, GradientStore store)
    {
        _tape = tape;
        _store = store;
    }

    /// <summary>The gradient with respect to a parameter; zeros where the loss does not depend on it.</summary>
    /// <exception cref="InvalidOperationException">It was not a target, or another sweep found its gradient since.</exception>
    public Var this[Parameter parameter] => Shown(Read(Target(parameter)));

    /// <summary>The gradient with respect to a value; zeros where the loss does not depend on it.</summary>
    /// <inheritdoc cref="this[Parameter]"/>
    public Var this[Var target] => IsTarget(target) ? Shown(Read(target)) : throw NotFound(target.Shape.ToString());

    /// <summary>Replaces the gradient with respect to a parameter, for its optimiser to use.</summary>
    /// <param name="parameter">A target.</param>
    /// <param name="gradient">A value of the same tape and of the parameter's shape.</param>
    /// <exception cref="ArgumentException">The gradient has another shape or tape.</exception>
    /// <inheritdoc cref="this[Parameter]"/>
    public void Replace(Parameter parameter, Var gradient)
    {
        var target = Target(parameter);
        if (gradient.Tape != _tape || gradient.Shape != target.Shape)
        {
            throw new ArgumentException(
                $"Gradients: {gradient.Shape} can't replace the gradient of {parameter.Name} {target.Shape}: it has another shape or tape");
        }
        _store.Set(target, gradient);
    }

    /// <summary>The numbers of a parameter's gradient, for as long as the tape lives, or what it was deferred as.</summary>
    /// <inheritdoc cref="this[Parameter]"/>
    internal (Tensor? Value, DeferredGradient? Deferred) ForUpdate(Parameter parameter)
    {
        var target = Target(parameter);
        return _store.FindDeferred(target) is { } deferred ? (null, deferred) : (Read(target).Value, null);
    }

    private static Var Shown(Var gradient)
    {
        gradient.Transient = false;
        return gradient;
    }

    private Var Target(Parameter parameter) =>
        _tape.Find(parameter) is { } target && IsTarget(target) ? target : throw NotFound(parameter.Name);

    private bool IsTarget(Var target)
    {
        _tape.RequireOpen();
        return target.Tape == _tape && _store.IsTarget(target);
    }

    private Var Read(Var target)
    {
        if (_store.Find(target) is { } found)
            return found;
        var zeros = _tape.Filled(target.Shape, 0f);
        _store.Set(target, zeros);
        return zeros;
    }

    private static InvalidOperationException NotFound(string name) => new(
        $"Gradients: {name} was not a target of this sweep, or a later sweep on the same tape has it as a target too; "
        + "read gradients before that");
}
