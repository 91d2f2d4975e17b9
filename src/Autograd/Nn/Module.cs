using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>What a forward pass is for, as its caller says: no layer keeps a mode of its own.</summary>
/// <param name="BatchStatistics">Batch normalisation uses the batch's own mean and variance; otherwise the running ones.</param>
/// <param name="MoveStatistics">Batch normalisation moves its running mean and variance towards the batch's.</param>
/// <param name="Dropout">Where dropout's masks come from; null keeps everything.</param>
/// <param name="SkipNormalisation">Batch normalisation hands its input on as it is, as one document's sampling does.</param>
public readonly record struct Pass(
    bool BatchStatistics, bool MoveStatistics = false, IMaskSource? Dropout = null, bool SkipNormalisation = false)
{
    /// <summary>Running statistics, nothing dropped.</summary>
    public static Pass Inference => default;

    /// <summary>The batch's statistics, which move the running ones.</summary>
    public static Pass Training(IMaskSource? dropout = null) => new(true, true, dropout);
}

/// <summary>A part of a network: parameters, and a function of them and an input.</summary>
public abstract class Module
{
    /// <summary>The layers that it consists of, as data: one for a single layer.</summary>
    public abstract IReadOnlyList<LayerSpec> Specs { get; }

    /// <summary>The layers in a few words each: `Linear 100 → 256, LeakyReLU(0.2); Dropout (keep 0.5)`.</summary>
    public string Description => string.Join("; ", Specs);

    /// <summary>What an optimiser changes.</summary>
    public virtual IReadOnlyList<Parameter> Parameters => [];

    /// <summary>Running statistics: no gradient flows to them, but a saved network holds them.</summary>
    public virtual IReadOnlyList<Parameter> Statistics => [];

    /// <summary>The start of its parameters' names in a network, which numbers layers by it: `fc`, `bn`. Null for layers without parameters.</summary>
    public virtual string? NamePrefix => null;

    /// <summary>The shape of the output for an input of a shape.</summary>
    public virtual Shape OutputShape(Shape input) => input;

    /// <summary>The output for a batch [N, in].</summary>
    public abstract Var Forward(Var x, Pass pass);

    /// <summary>What is to follow each update of the parameters: nothing, unless a layer keeps something that depends on them.</summary>
    public virtual void Updated()
    {
    }
}
