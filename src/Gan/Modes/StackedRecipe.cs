using GanFromScratch.Gan.Recipes;

namespace GanFromScratch.Gan.Modes;

/// <summary>The networks of `stable-conv`, narrower, for pictures of stacked digits.</summary>
internal sealed class StackedRecipe : StableConv
{
    /// <summary>Makes the recipe.</summary>
    /// <param name="width">Channels after D's first stage, or null for the preset.</param>
    public StackedRecipe(int? width = null)
    {
        Name = "stacked";
        FewestChannels = width ?? 32;
        Summary = $"convolutional networks, from {FewestChannels} channels";
        Steps = 10_000;
    }
}
