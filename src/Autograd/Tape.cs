using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>
/// Records a computation in order, so that it can be differentiated. It owns every intermediate tensor; disposing it returns their storage
/// to the device's pool. The caller holds it: nothing is global.
/// </summary>
/// <param name="device">Where the computation runs.</param>
/// <param name="pool">Holds objects of earlier tapes to recycle, and takes this tape's; null allocates them all.</param>
public sealed class Tape(Device device, VarPool? pool = null) : IDisposable
{
    private Var? _last; // the Next of the last value is the first one
    private Var? _rented; // not recorded yet; handed back even if the op that asked for them throws
    private ParameterVar? _parameters; // the one that was used last
    private int _sweeps;
    private bool _ended;

    /// <summary>Where the computation runs.</summary>
    public Device Device { get; } = device;

    /// <summary>Whether ops are recorded: always but within a sweep that was not asked for differentiable gradients.</summary>
    internal bool Recording { get; private set; } = true;

    /// <summary>
    /// Makes a value that no gradient flows to. The tensor stays the caller's, who may not change or dispose it while the tape lives.
    /// </summary>
    public Var Constant(Tensor value) => Append(new Var(this, value), null, leaf: false, owned: false);

    /// <summary>Makes a constant for the caller to fill; its tensor is the tape's.</summary>
    public Var Scratch(Shape shape) => Own(Rent(shape));

    /// <summary>
    /// Makes a value whose gradient can be asked for. The tensor stays the caller's, who may not change or dispose it while the tape lives.
    /// </summary>
    public Var Variable(Tensor value) => Append(new Var(this, value), null, leaf: true, owned: false);

    /// <summary>Returns a parameter's value on this tape: the same for every use, so that its gradient is the sum over all uses.</summary>
    public Var Use(Parameter parameter)
    {
        if (Find(parameter) is { } known)
            return known;
        var place = Interlocked.Exchange(ref parameter.Recycled, null) ?? new ParameterVar(this, parameter);
        _parameters = place.Recycle(this, usedBefore: _parameters);
        return Append(_parameters, null, leaf: true, owned: false);
    }

    /// <summary>Computes the gradients of a loss with respect to parameters.</summary>
    /// <param name="loss">A single number of this tape.</param>
    /// <param name="targets">The parameters. They may not change between the forward pass and this call.</param>
    /// <param name="differentiable">Records the gradients on the tape, so that they can be differentiated once more.</param>
    /// <exception cref="ArgumentException">
    /// The loss is not a single number of this tape, or a target is a constant or on another tape.
    /// </exception>
    public Gradients Gradients(Var loss, ReadOnlySpan<Parameter> targets, bool differentiable = false)
    {
        var store = new GradientStore(++_sweeps);
        foreach (var target in targets)
            store.AddTarget(Use(target));
        return Sweep([RequireLoss(loss)], store, differentiable);
    }

    /// <summary>Computes the gradients of a loss with respect to values of the tape.</summary>
    /// <inheritdoc cref="Gradients(Var, ReadOnlySpan{Parameter}, bool)"/>
    public Gradients Gradients(Var loss, ReadOnlySpan<Var> targets, bool differentiable = false) =>
        GradientsOfSum([RequireLoss(loss)], targets, differentiable);

    /// <summary>Computes the gradients of the sum of all elements of some values, which itself is not computed.</summary>
    /// <param name="outputs">Values of this tape, of any shape.</param>
    /// <param name="targets">Variables of this tape.</param>
    /// <param name="differentiable">Records the gradients on the tape, so that they can be differentiated once more.</param>
    /// <exception cref="ArgumentException">An output is on another tape, or a target is a constant or on another tape.</exception>
    public Gradients GradientsOfSum(ReadOnlySpan<Var> outputs, ReadOnlySpan<Var> targets, bool differentiable = false)
    {
        var store = new GradientStore(++_sweeps);
        foreach (var target in targets)
        {
            if (target.Tape != this)
                throw new ArgumentException($"Gradients: the target {target.Shape} is on another tape than the loss");
            if (!target.RequiresGradient)
            {
                throw new ArgumentException(
                    $"Gradients: the target {target.Shape} is a constant, which no gradient flows to; make it a Variable");
            }
            store.AddTarget(target);
        }
        return Sweep(outputs, store, differentiable);
    }

    /// <summary>Returns the storage of all intermediates to the device's pool.</summary>
    public void Dispose()
    {
        for (var v = _last; v is not null;)
        {
            if (v.Owned)
                v.Value.Dispose();
            var previous = v.Previous;
            if (v.Transient)
                pool?.Return(v);
            v = previous;
        }
        for (var v = _rented; v is not null; v = v.Previous)
            v.Value.Dispose();
        while (_parameters is { } place)
            _parameters = place.Leave();
        _ended = true;
        _last = _rented = null;
    }

    /// <summary>Rents a tensor for a result, which <see cref="Record"/> or <see cref="Own"/> puts on the tape.</summary>
    internal Tensor Rent(Shape shape)
    {
        RequireOpen();
        var v = (Recording ? null : pool?.Take())?.Recycle(this, shape) ?? new Var(this, new Tensor(Device, shape));
        v.Transient = !Recording;
        v.Previous = _rented;
        _rented = v;
        return v.Value;
    }

    /// <summary>Whether an op on these inputs is to be recorded.</summary>
    /// <exception cref="ArgumentException">They are on different tapes.</exception>
    internal bool Records(Var a, Var? b = null, Var? c = null)
    {
        if (a.Tape != this || (b is not null && b.Tape != this) || (c is not null && c.Tape != this))
            throw new ArgumentException($"an op on {a.Shape} got values of two tapes; bring the other tape's in with Constant");
        return Recording && (a.RequiresGradient || b is { RequiresGradient: true } || c is { RequiresGradient: true });
    }

    /// <summary>Puts a result on the tape, with the op that made it; null for the op where no gradient will flow.</summary>
    internal Var Record(Tensor value, Op? op) => Append(TakeRented(value), op, leaf: false, owned: true);

    /// <summary>Puts a tensor on the tape as a constant, and makes it the tape's.</summary>
    internal Var Own(Tensor value) => Append(TakeRented(value), null, leaf: false, owned: true);

    /// <summary>Makes a constant of equal numbers.</summary>
    internal Var Filled(Shape shape, float value)
    {
        var filled = Rent(shape);
        Device.Fill(filled, value);
        return Own(filled);
    }

    /// <summary>Whether a gradient is a loss's own, 1.</summary>
    internal bool IsSeed(Var gradient) => Device.IsOnes(gradient.Value);

    /// <summary>Returns a parameter's value on this tape; null if it was not used.</summary>
    internal Var? Find(Parameter parameter)
    {
        RequireOpen();
        for (var p = _parameters; p is not null; p = p.UsedBefore)
        {
            if (p.Parameter == parameter)
                return p;
        }
        return null;
    }

    /// <exception cref="ObjectDisposedException">The tape has ended.</exception>
    internal void RequireOpen()
    {
        if (_ended)
        {
            throw new ObjectDisposedException(
                nameof(Tape), "Tape: it has ended, and its values with it; copy what must outlive it, and begin a new one");
        }
    }

    private Var RequireLoss(Var loss)
    {
        RequireOwn(loss);
        return loss.Value.Count == 1
            ? loss
            : throw new ArgumentException($"Gradients: the loss is {loss.Shape}, not a single number; take its mean or sum first");
    }

    private void RequireOwn(Var output)
    {
        RequireOpen();
        if (output.Tape != this)
            throw new ArgumentException("Gradients: the loss is on another tape");
    }

    /// <summary>Runs the backward passes of the ops between the targets and the outputs, newest first.</summary>
    private Gradients Sweep(ReadOnlySpan<Var> outputs, GradientStore store, bool differentiable)
    {
        foreach (var output in outputs)
            RequireOwn(output);
        var newest = outputs.Length == 1 ? outputs[0] : _last!; // what is newer than all outputs gets no gradient
        store.MarkPath(_last!.Next!, newest);
        bool recording = Recording;
        Recording = differentiable;
        try
        {
            var gradients = new GradientAccumulator(store);
            foreach (var output in outputs)
            {
                if (store.Needs(output))
                    gradients.Add(output, Constant(Device.Ones(output.Shape)));
            }
            for (var v = newest; v is not null; v = v.Previous)
            {
                if (v.Op is not { } op || store.Find(v) is not { } dy || !op.NeedsAny(store))
                    continue;
                op.Backward(v, op is ActivatedOp activated && store.IsTarget(v) ? activated.ActivationBackward(v, dy) : dy, gradients);
            }
        }
        finally
        {
            Recording = recording;
        }
        return new Gradients(this, store);
    }

    private Var Append(Var v, Op? op, bool leaf, bool owned)
    {
        RequireOpen();
        v.Op = op;
        v.RequiresGradient = leaf || op is not null;
        v.Owned = owned;
        v.Previous = _last;
        v.Next = _last is null ? v : _last.Next;
        if (_last is not null)
            _last.Next = v;
        return _last = v;
    }

    /// <summary>Takes a rented tensor's value off the list of those not recorded yet; makes one for another tensor.</summary>
    private Var TakeRented(Tensor value)
    {
        Var? after = null;
        for (var v = _rented; v is not null; after = v, v = v.Previous)
        {
            if (v.Value != value)
                continue;
            if (after is null)
                _rented = v.Previous;
            else
                after.Previous = v.Previous;
            return v;
        }
        return new Var(this, value);
    }
}
