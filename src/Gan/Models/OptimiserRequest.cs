using System.Reflection;
using GanFromScratch.Gan.Options;

namespace GanFromScratch.Gan.Models;

/// <summary>
/// What was asked of both networks' optimisers: each property is an option, and sets that of <see cref="AdamSettings"/> with the same name.
/// Null leaves the recipe's own value.
/// </summary>
public sealed record OptimiserRequest
{
    private const string Group = "Training";

    private static readonly (PropertyInfo Asked, PropertyInfo Of)[] Pairs =
    [
        .. from asked in typeof(OptimiserRequest).GetProperties()
           let of = typeof(AdamSettings).GetProperty(asked.Name)
           where of is not null
           select (asked, of),
    ];

    /// <summary>The learning rate of both networks.</summary>
    [Option("--learning-rate", "Learning rate of both networks", Group = Group, Aliases = ["--lr"], Above = 0)]
    public float? LearningRate { get; init; }

    /// <summary>The generator's learning rate.</summary>
    [Option(
        "--g-lr", "Learning rate of G alone, for the two time-scale rule", Group = Group, Aliases = ["--g-learning-rate"], Above = 0)]
    public float? GLearningRate { get; init; }

    /// <summary>The discriminator's learning rate.</summary>
    [Option("--d-lr", "Learning rate of D alone", Group = Group, Aliases = ["--d-learning-rate"], Above = 0)]
    public float? DLearningRate { get; init; }

    /// <summary>Decay of the mean of gradients, of both networks.</summary>
    [Option("--beta1", "Adam's decay of the mean of gradients, of both networks", Group = Group, Min = 0, Below = 1)]
    public float? Beta1 { get; init; }

    /// <summary>Decay of the mean of squared gradients, of both networks.</summary>
    [Option("--beta2", "Adam's decay of the mean of squared gradients, of both networks", Group = Group, Min = 0, Below = 1)]
    public float? Beta2 { get; init; }

    /// <summary>Returns the generator's settings.</summary>
    /// <param name="recipes">The recipe's own.</param>
    public AdamSettings ForGenerator(AdamSettings recipes) => Over(recipes, GLearningRate);

    /// <summary>Returns the discriminator's settings.</summary>
    /// <param name="recipes">The recipe's own.</param>
    public AdamSettings ForDiscriminator(AdamSettings recipes) => Over(recipes, DLearningRate);

    /// <summary>Returns the request with what the recipe decides, as far as it is the same for both networks.</summary>
    /// <param name="g">The generator's own settings.</param>
    /// <param name="d">The discriminator's own settings.</param>
    public OptimiserRequest Complete(AdamSettings g, AdamSettings d)
    {
        (g, d) = (ForGenerator(g), ForDiscriminator(d));
        var complete = new OptimiserRequest { GLearningRate = g.LearningRate, DLearningRate = d.LearningRate };
        foreach (var (asked, of) in Pairs.Where(pair => Equals(pair.Of.GetValue(g), pair.Of.GetValue(d))))
            asked.SetValue(complete, of.GetValue(g));
        return complete;
    }

    private AdamSettings Over(AdamSettings recipes, float? rate)
    {
        var settings = recipes with { };
        foreach (var (asked, of) in Pairs)
            of.SetValue(settings, asked.GetValue(this) ?? of.GetValue(recipes));
        return rate is { } own ? settings with { LearningRate = own } : settings;
    }
}
