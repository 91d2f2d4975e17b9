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
    /// <summary>What the layer is, in a few words: `Linear 100 → 256, LeakyReLU(0.2)`.</summary>
    public abstract string Description { get; }

    /// <summary>What an optimiser changes.</summary>
    public virtual IReadOnlyList<Parameter> Parameters => [];

    /// <summary>Running statistics: no gradient flows to them, but a saved network holds them.</summary>
    public virtual IReadOnlyList<Parameter> Statistics => [];

    /// <summary>The short name that a network numbers its layers by: `fc`, `bn`. Null for layers with nothing to name.</summary>
    public virtual string? Kind => null;

    /// <summary>The columns of the output for an input of so many columns.</summary>
    public virtual int OutputColumns(int inputColumns) => inputColumns;

    /// <summary>The output for a batch [N, in].</summary>
    public abstract Var Forward(Var x, Pass pass);

    /// <summary>What is to follow each update of the parameters: nothing, unless a layer keeps something that depends on them.</summary>
    public virtual void Updated()
    {
    }
}
