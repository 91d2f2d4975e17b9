using GanFromScratch.Gan.Options;

namespace GanFromScratch.Gan.Models;

/// <summary>What was asked of both networks' optimisers: each property is an option; null leaves the recipe's own value.</summary>
public sealed record OptimiserRequest
{
    private const string Group = "Training";

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

    private AdamSettings Over(AdamSettings recipes, float? rate) => recipes with
    {
        LearningRate = rate ?? LearningRate ?? recipes.LearningRate,
        Beta1 = Beta1 ?? recipes.Beta1,
        Beta2 = Beta2 ?? recipes.Beta2,
    };
}
