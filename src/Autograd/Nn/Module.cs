using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>
/// How a forward pass treats normalisation and dropout, and which labels condition it. Each call says it: no layer keeps a mode.
/// </summary>
/// <param name="BatchStatistics">Batch normalisation uses the batch's own mean and variance; otherwise the running ones.</param>
/// <param name="MoveStatistics">Batch normalisation moves its running mean and variance towards the batch's.</param>
/// <param name="Dropout">Makes dropout's masks; null keeps everything.</param>
/// <param name="SkipNormalisation">Batch normalisation returns its input, as one document's sampling does.</param>
/// <param name="Detached">
/// No gradient flows to the parameters, which are constants: less is kept, and layers can be computed at once.
/// </param>
/// <param name="Labels">
/// The labels of the batch as one-hot rows, a value of its tape (<see cref="ClassificationOps.OneHot"/>); null for networks that have no
/// use for them.
/// </param>
public readonly record struct Pass(
    bool BatchStatistics,
    bool MoveStatistics = false,
    IMaskSource? Dropout = null,
    bool SkipNormalisation = false,
    bool Detached = false,
    Var? Labels = null)
{
    /// <summary>Uses the running statistics, and drops nothing.</summary>
    public static Pass Inference => default;

    /// <summary>Uses the batch's statistics, and moves the running ones towards them.</summary>
    public static Pass Training(IMaskSource? dropout = null) => new(true, true, dropout);

    /// <summary>Returns a parameter's value on a tape, to which gradients flow unless the pass is detached.</summary>
    internal Var Use(Tape tape, Parameter parameter) => Detached ? tape.Constant(parameter.Value) : tape.Use(parameter);
}

/// <summary>A part of a network: parameters, and a function of them and an input.</summary>
public abstract class Module
{
    /// <summary>The layers that it consists of, as data: one for a single layer.</summary>
    public abstract IReadOnlyList<LayerSpec> Specs { get; }

    /// <summary>The layers in a few words each: `Linear 100 → 256, LeakyReLU(0.2); Dropout (keep 0.5)`.</summary>
    public string Description => string.Join("; ", Specs);

    /// <summary>The layers that it is made of, which a network names and numbers: itself, for a single one.</summary>
    public virtual IReadOnlyList<Module> Parts => [this];

    /// <summary>The parameters that an optimiser changes.</summary>
    public virtual IReadOnlyList<Parameter> Parameters => [];

    /// <summary>Running statistics: no gradient flows to them, but a saved network holds them.</summary>
    public virtual IReadOnlyList<Parameter> Statistics => [];

    /// <summary>
    /// The start of its parameters' names in a network, which numbers layers by it: `fc`, `bn`. Null for layers without parameters.
    /// </summary>
    public virtual string? NamePrefix => null;

    /// <summary>The shape of the output for an input of a shape.</summary>
    public virtual Shape OutputShape(Shape input) => input;

    /// <summary>Computes the output for a batch [N, in].</summary>
    public abstract Var Forward(Var x, Pass pass);

    /// <summary>Computes the output of this layer and of a batch normalisation after it at once, where it can; null where not.</summary>
    internal virtual Var? ForwardNormalised(Var x, Pass pass, BatchNorm next) => null;

    /// <summary>Tells a layer which one follows it in a network.</summary>
    internal virtual void FollowedBy(Module next)
    {
    }

    /// <summary>Runs after each update of the parameters, for a layer that keeps something computed from them.</summary>
    public virtual void Updated()
    {
    }
}
