using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>
/// The record of a computation, in order, so that it can be differentiated. The caller holds it; nothing is global. It owns every intermediate
/// tensor, and hands their storage back to the device's pool when it is disposed.
/// </summary>
/// <param name="device">Where the computation runs.</param>
/// <param name="pool">Objects of earlier tapes to use again, and where this tape leaves its own; null allocates all of them.</param>
public sealed class Tape(Device device, VarPool? pool = null) : IDisposable
{
    private Var? _first, _last;
    private Var? _rented; // not recorded yet; handed back even if the op that asked for them throws
    private ParameterVar? _parameters; // the one that was used last
    private int _sweeps;
    private bool _ended;

    /// <summary>Where the computation runs.</summary>
    public Device Device { get; } = device;

    /// <summary>Whether ops are recorded now: not within a sweep whose result need not be differentiated again.</summary>
    internal bool Recording { get; private set; } = true;

    /// <summary>A value that no gradient flows to. The caller keeps the tensor, and keeps it alive, and its numbers as they are, as long as the tape.</summary>
    public Var Constant(Tensor value) => Append(new Var(this, value), null, leaf: false, owned: false);

    /// <summary>A constant for the caller to fill, whose tensor ends with the tape.</summary>
    public Var Scratch(Shape shape) => Own(Rent(shape));

    /// <summary>A value that gradients can be asked for. The caller keeps the tensor, and keeps it alive, and its numbers as they are, as long as the tape.</summary>
    public Var Variable(Tensor value) => Append(new Var(this, value), null, leaf: true, owned: false);

    /// <summary>The parameter's place on this tape: the same for every use, so that its gradient is the sum over all uses.</summary>
    public Var Use(Parameter parameter)
    {
        if (Find(parameter) is { } known)
            return known;
        var place = Interlocked.Exchange(ref parameter.SparePlace, null) ?? new ParameterVar(this, parameter);
        _parameters = place.Recycle(this, usedBefore: _parameters);
        return Append(_parameters, null, leaf: true, owned: false);
    }

    /// <summary>
    /// The gradients of a loss with respect to parameters. With <paramref name="differentiable"/> they are themselves on the tape, to be
    /// differentiated once more. A sweep reads the parameters: they may not change between the forward pass and it.
    /// </summary>
    /// <exception cref="ArgumentException">The loss is not a single number of this tape, or a target is a constant or on another tape.</exception>
    public Gradients Gradients(Var loss, ReadOnlySpan<Parameter> targets, bool differentiable = false)
    {
        var store = new GradientStore(++_sweeps);
        foreach (var target in targets)
            store.AddTarget(Use(target));
        return Sweep(loss, store, differentiable);
    }

    /// <summary>The gradients of a loss with respect to values of the tape.</summary>
    /// <inheritdoc cref="Gradients(Var, ReadOnlySpan{Parameter}, bool)"/>
    public Gradients Gradients(Var loss, ReadOnlySpan<Var> targets, bool differentiable = false)
    {
        var store = new GradientStore(++_sweeps);
        foreach (var target in targets)
        {
            if (target.Tape != this)
                throw new ArgumentException($"Gradients: the target {target.Shape} is on another tape than the loss");
            if (!target.RequiresGradient)
                throw new ArgumentException($"Gradients: the target {target.Shape} is a constant, which no gradient flows to; make it a Variable");
            store.AddTarget(target);
        }
        return Sweep(loss, store, differentiable);
    }

    /// <summary>Hands the storage of all intermediates back to the device's pool.</summary>
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
        _first = _last = _rented = null;
    }

    /// <summary>A tensor for a result; it becomes the tape's with <see cref="Record"/> or <see cref="Own"/>.</summary>
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

    /// <summary>A result and the op that made it, or null where no gradient will flow.</summary>
    internal Var Record(Tensor value, Op? op) => Append(TakeRented(value), op, leaf: false, owned: true);

    /// <summary>A tensor that ends with the tape, as a constant.</summary>
    internal Var Own(Tensor value) => Append(TakeRented(value), null, leaf: false, owned: true);

    /// <summary>A constant of equal numbers.</summary>
    internal Var Filled(Shape shape, float value)
    {
        var filled = Rent(shape);
        Device.Fill(filled, value);
        return Own(filled);
    }

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

    /// <summary>Runs the backward passes of what lies between the targets and the loss, newest first.</summary>
    private Gradients Sweep(Var loss, GradientStore store, bool differentiable)
    {
        if (loss.Tape != this)
            throw new ArgumentException("Gradients: the loss is on another tape");
        if (loss.Value.Count != 1)
            throw new ArgumentException($"Gradients: the loss is {loss.Shape}, not a single number; take its mean or sum first");

        store.MarkPath(_first, loss);
        bool recording = Recording;
        Recording = differentiable;
        try
        {
            var gradients = new GradientAccumulator(store);
            if (store.Needs(loss))
                gradients.Add(loss, Filled(loss.Shape, 1f));
            for (var v = loss; v is not null; v = v.Previous)
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
        if (_last is null)
            _first = v;
        else
            _last.Next = v;
        return _last = v;
    }

    /// <summary>The place that was made with a rented tensor, or a new one for another tensor.</summary>
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

    internal void RequireOpen()
    {
        if (_ended)
            throw new ObjectDisposedException(nameof(Tape), "Tape: it has ended, and its values with it; copy what must outlive it, and begin a new one");
    }

    /// <summary>A parameter's place on a tape. When the tape has ended it is the parameter's again, for the next.</summary>
    internal sealed class ParameterVar(Tape tape, Parameter parameter) : Var(tape, parameter.Value)
    {
        public Parameter Parameter => parameter;

        internal override bool IsParameter => true;

        public ParameterVar? UsedBefore { get; private set; }

        public ParameterVar Recycle(Tape tape, ParameterVar? usedBefore)
        {
            Reset(tape);
            UsedBefore = usedBefore;
            return this;
        }

        /// <summary>Goes back to its parameter; returns the place of the one that was used before.</summary>
        public ParameterVar? Leave()
        {
            var before = UsedBefore;
            Clear();
            UsedBefore = null;
            Volatile.Write(ref parameter.SparePlace, this);
            return before;
        }
    }
}
