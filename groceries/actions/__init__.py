"""Actions on lists, entries, items, aisles, recurring items, shopping trips, stores, the pantry and shared expenses."""

import groceries.schemas  # registers the events' schemas
from groceries.actions.aisles import create_category, order_categories, remove_category, remove_item, update_category
from groceries.actions.archive import archive_list, delete_list, restore_list
from groceries.actions.barcodes import forget_barcode, remember_barcode
from groceries.actions.bulk import clear_list, move_entries, set_entry_states
from groceries.actions.copies import copy_list
from groceries.actions.entries import (
    add_entry,
    add_lines,
    assign_entry,
    change_entry,
    correct_price,
    purchase_entry,
    put_back_entry,
    remove_entry,
    step_entry,
)
from groceries.actions.expenses import (
    change_expense,
    create_expense,
    fire_due_expense,
    remove_expense,
    settle_up,
)
from groceries.actions.forecasts import add_forecast, allow_forecasts, refuse_forecasts, snooze_forecast
from groceries.actions.guests import create_guest_link, revoke_guest_link
from groceries.actions.history import bring_back
from groceries.actions.items import create_default_aisles, create_item, get_or_create_item, update_item
from groceries.actions.lists import (
    change_list_state,
    change_trip_total,
    claim_aisle,
    create_first_list,
    create_list,
    current_list,
    end_forgotten_trip,
    end_shopping,
    end_trips_of_member,
    give_back,
    release_aisle,
    rename_list,
    resume_shopping,
    start_next_list,
    start_shopping,
)
from groceries.actions.merging import merge_categories, merge_items
from groceries.actions.pantry import (
    add_scanned,
    add_to_pantry,
    change_batch,
    keep_in_stock,
    use_batch,
    use_from_pantry,
    use_scanned,
    use_up,
)
from groceries.actions.recurring import (
    add_recurring_early,
    change_recurring,
    create_recurring,
    fire_due,
    pause_recurring,
    resume_recurring,
    set_recurring,
    skip_recurring,
    snooze_recurring,
    stop_recurring,
)
from groceries.actions.sorting import restore_position, sort_entries
from groceries.actions.stores import (
    choose_store,
    create_store,
    learn_store,
    remove_store,
    rename_store,
    sort_store,
)
from groceries.offline.merge import merge_add, merge_change, merge_purchase, merge_put_back, merge_remove, merge_step
